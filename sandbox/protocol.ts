/** The messages between the service and a sandbox process. */
import { z } from 'zod';

export type ToChild =
  | { kind: 'job'; id: number; task: unknown }
  /** The answer to a `read` or `write`: bytes that were read, or whether it failed. */
  | { kind: 'done'; call: number; bytes?: Uint8Array; failed?: true };

const id = z.number();

/** A hostile file may have taken the process over, so each of its messages is checked. */
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
    /** Only an `AppError` has a code. */
    code: z.string().max(100).optional(),
    cause: z.string().max(4_000).optional(),
    /** For the log: the stack of the cause, or of an error without a cause. An `AppError` without a cause has none. */
    stack: z.string().max(4_000).optional(),
  }),
]);
export type FromChild = z.infer<typeof fromChildSchema>;

/** The first argument of the process. */
export const startSchema = z.object({
  /** Process id of the service: without it a process could not tell that the service died before it asked. */
  parent: z.number(),
  /** Resident memory of the process, in bytes. */
  memoryBytes: z.number().int().positive(),
  /** CPU time for one job, in milliseconds. A busy machine does not change it. */
  cpuMs: z.number().positive(),
  /**
   * A job is given up if it neither works nor waits for the service for this many milliseconds. Time in which the process is
   * stopped does not count.
   */
  silentMs: z.number().positive(),
});
export type Start = z.infer<typeof startSchema>;
export type Limits = Omit<Start, 'parent'>;

/** The process writes one of these to its fourth stream before it ends itself. */
export const EXCEEDED = { memory: 'memory', cpu: 'cpu', silent: 'silent' } as const;
export type Exceeded = keyof typeof EXCEEDED;
