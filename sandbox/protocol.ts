/** What the service and a sandbox process say to each other. */
import { z } from 'zod';

/** To the process. */
export type ToChild =
  | { kind: 'job'; id: number; task: unknown }
  /** The answer to a `read` or `write`: bytes that were read, or whether it failed. */
  | { kind: 'done'; call: number; bytes?: Uint8Array; failed?: true };

const id = z.number();

/** From the process, which a hostile file may have taken over: nothing of it is believed unread. */
export const fromChildSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('read'), id, call: id, start: z.number(), end: z.number() }),
  z.object({
    kind: z.literal('write'),
    id,
    call: id,
    bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  }),
  z.object({ kind: z.literal('answer'), id, answer: z.unknown() }),
  z.object({
    kind: z.literal('error'),
    id,
    name: z.string().max(200),
    message: z.string().max(4_000),
    /** The code of an `AppError`; absent for every other error. */
    code: z.string().max(100).optional(),
    cause: z.string().max(4_000).optional(),
    /** Where the cause was thrown, or the error if it has none: for the log. Absent for an `AppError` without a cause. */
    stack: z.string().max(4_000).optional(),
  }),
]);
export type FromChild = z.infer<typeof fromChildSchema>;

/** What a process is told as it starts. */
export const startSchema = z.object({
  /** Process id of the service: without it a process could not tell that the service died before it asked. */
  parent: z.number(),

  /** Resident memory of the process, in bytes. */
  memoryBytes: z.number().int().positive(),
  /** CPU time for one job, in milliseconds: how busy the machine is does not change the verdict. */
  cpuMs: z.number().positive(),
  /**
   * A job that for so many milliseconds of its process neither works nor waits for the service is given up. Time in which the
   * process stands still does not count.
   */
  silentMs: z.number().positive(),
});
export type Start = z.infer<typeof startSchema>;
export type Limits = Omit<Start, 'parent'>;

/** What the process writes to its fourth stream before it ends itself. */
export const EXCEEDED = { memory: 'memory', cpu: 'cpu', silent: 'silent' } as const;
export type Exceeded = keyof typeof EXCEEDED;
