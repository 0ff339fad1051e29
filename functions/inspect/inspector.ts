/** Inspects files in a process that may die of it. */
import {
  JobError,
  type JobIo,
  LimitExceededError,
  Sandbox,
  type SandboxOptions,
} from '@media-analysis/sandbox/client';
import { AppError, ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import { z } from 'zod';
import type { VideoFile } from './bare-video.ts';
import type { Content } from './content.ts';
import { quoted } from './format.ts';
import type { InspectedMedia, InspectOptions } from './index.ts';
import { withPlaceName } from './place-names.ts';
import { bareSchema, inspectedSchema, type Task } from './tasks.ts';

/** In a bundle the process has a file of its own beside the unit: see `deploy/bundle.ts`. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './child.ts' : './inspect-process.js',
  import.meta.url,
);

/**
 * An instance of 2 GiB opens two files at a time. The largest photos need 550 MB (a GIF of 100 megapixels) to 850 MB
 * (a HEIC of 49). An ordinary photo takes 0.1 s of CPU time, and the slowest one that was measured 3 s. A video of 2 GiB
 * without an index is read in 262 pieces.
 */
const LIMITS: SandboxOptions = {
  entry: ENTRY,
  processes: 2,
  memoryBytes: 900e6,
  heapMb: 320,
  cpuMs: 20_000,
  maxReads: 1_000,
};

/**
 * Opens files in processes of its own, with limited memory and CPU time and without keys.
 *
 * @example
 * const inspector = new Inspector();
 * const { contentType, facts, preview } = await inspector.inspect(bytes, 'cat.jpg', 'alice');
 */
export class Inspector {
  readonly #sandbox: Sandbox;

  constructor(options: Partial<SandboxOptions> = {}) {
    this.#sandbox = new Sandbox({ ...LIMITS, ...options });
  }

  get pids(): number[] {
    return this.#sandbox.pids;
  }

  /** Starts a process, so that the first file does not wait for it. */
  prepare(): void {
    this.#sandbox.prepare();
  }

  close(): void {
    this.#sandbox.close();
  }

  /** Waits until the processes have ended by themselves. */
  async end(): Promise<void> {
    await this.#sandbox.end();
  }

  /**
   * Like `inspectMedia`.
   * @param ownerId Files of one owner are opened one after the other, so that no owner holds all processes.
   * @throws {AppError} also `media_too_complex`, for a file that exceeds what a process may use.
   */
  async inspect(
    content: Content,
    fileName: string,
    ownerId: string,
    { signal, ...options }: InspectOptions = {},
  ): Promise<InspectedMedia> {
    const task = { kind: 'inspect', fileName, options } as const;
    const found = await this.#run(task, content, { lane: ownerId, signal }, inspectedSchema);
    const { facts, preview, small } = found;
    return {
      ...found,
      facts: { ...facts, capture: await withPlaceName(facts.capture) },
      preview: preview && { ...preview, bytes: Buffer.from(preview.bytes) },
      small: small && Buffer.from(small),
    };
  }

  /** Like `bareVideo`. @throws {AppError} also `media_too_complex` */
  async bareVideo({ content, ...video }: VideoFile, ownerId: string): Promise<Buffer> {
    return Buffer.from(
      await this.#run({ kind: 'bare', ...video }, content, { lane: ownerId }, bareSchema),
    );
  }

  /** Like `writeBareVideo`. @throws {AppError} also `media_too_complex` */
  async writeBareVideo(
    { content, ...video }: VideoFile,
    ownerId: string,
    write: (bytes: Uint8Array) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#run(
      { kind: 'write-bare', ...video },
      content,
      { lane: ownerId, write, signal },
      z.null(),
    );
  }

  async #run<Answer>(
    task: Omit<Task, 'content'>,
    content: Content,
    io: JobIo,
    answerSchema: z.ZodType<Answer>,
  ): Promise<Answer> {
    const isInMemory = Buffer.isBuffer(content);
    const given = { ...task, content: isInMemory ? content : { size: content.size } };
    const read = isInMemory
      ? {}
      : { read: (start: number, end: number) => content.read(start, end) };
    try {
      return await this.#sandbox.run(given, { ...io, ...read }, answerSchema);
    } catch (error) {
      throw asAppError(error, task.fileName);
    }
  }
}

/** The methods that the worker needs. */
export type FileInspector = Pick<Inspector, 'prepare' | 'inspect' | 'bareVideo' | 'writeBareVideo'>;

function asAppError(error: unknown, fileName: string): unknown {
  if (error instanceof LimitExceededError) {
    return new AppError(
      'media_too_complex',
      `${quoted(fileName)} takes too much memory or time to open. Send a simpler version, for example a JPEG or an MP4.`,
      { cause: error },
    );
  }
  const isOfJob = error instanceof JobError;
  // Facts that our schema refuses, such as a width of 0, are the file's fault too.
  if (!isOfJob && !(error instanceof z.ZodError)) return error;
  if (isOfJob && error.code !== undefined && Object.hasOwn(ERRORS, error.code)) {
    return new AppError(error.code as ErrorCode, error.message, { cause: error.cause });
  }
  // An unforeseen error of the code that opens files: the same file would cause it again.
  return new AppError(
    'media_corrupt',
    `${quoted(fileName)} is damaged or of an unusual kind and cannot be opened. Send the original file again, or save it anew.`,
    { cause: error },
  );
}
