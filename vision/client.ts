/** The service's side of the vision process, which is a sandbox of its own. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { JobError, LimitExceededError, Sandbox } from '@media-analysis/sandbox/client';
import { unlessAborted } from '@media-analysis/shared/wait';
import { BAD_PICTURE, VisionError } from './errors.ts';
import { isInstalled } from './installed.ts';
import { type Detections, detectionsSchema, type PictureRequest } from './protocol.ts';

interface VisionOptions {
  /** The module that the process runs; absent: the one that loads the networks. */
  entry?: URL;
  /** CPU time for one picture, in milliseconds. */
  cpuMs?: number;
  /** The results of so many pictures are kept. */
  maxKept?: number;
  /** An idle process ends after this time, which frees its memory. */
  idleMs?: number;
}

/** The work on one picture, and then its result. */
interface Look {
  result: Promise<Detections>;
  /** How many callers wait for the result. */
  callers: number;
}

const ENTRY = new URL('./child.ts', import.meta.url);

/**
 * A page of text takes 6 s on the machine on which this was written, and the first picture 5 s more for the networks. The
 * limit ends only a picture without end: a slow machine must not reach it.
 */
const CPU_MS = 5 * 60_000;

/**
 * Looks at one picture at a time. The first picture starts the process, later pictures reuse it, a crash is followed by a new
 * start, and an idle process is ended.
 *
 * A look that has begun runs to its end, even if nobody waits for it any more, and its result is kept. So each further analysis
 * of the same picture finds it, and so does the next delivery of a media whose delivery has ended before the look.
 */
export class VisionClient {
  readonly #entry: URL;
  readonly #maxKept: number;
  readonly #sandbox: Sandbox;
  /** By the picture's content and the language, the oldest first. */
  readonly #looks = new Map<string, Look>();
  /** Ends when the process is free for the next picture. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({
    entry = ENTRY,
    cpuMs = CPU_MS,
    maxKept = 100,
    idleMs = 5 * 60_000,
  }: VisionOptions = {}) {
    this.#entry = entry;
    this.#maxKept = maxKept;
    this.#sandbox = new Sandbox({
      entry,
      processes: 1,
      // With all networks the process has 500 MB, most of it outside of V8's heap.
      memoryBytes: 2e9,
      heapMb: 1_024,
      cpuMs,
      idleMs,
      showsOutput: true,
    });
  }

  get pid(): number | undefined {
    return this.#sandbox.pids[0];
  }

  /**
   * @param jpeg An upright JPEG.
   * @param language BCP 47 tag, as in `readText`.
   * @throws {VisionError} If there is no result.
   * @throws The signal's reason, as soon as the signal is aborted.
   */
  async analysePicture(
    jpeg: Uint8Array,
    language: string,
    signal: AbortSignal,
  ): Promise<Detections> {
    signal.throwIfAborted();
    this.#requireNetworks();
    const key = `${createHash('sha256').update(jpeg).digest('base64')} ${language}`;
    const look = this.#looks.get(key) ?? this.#begin(key, { jpeg, language });
    look.callers++;
    try {
      const detections = await unlessAborted(look.result, signal);
      // A network that has failed may succeed the next time.
      if (hasGap(detections)) this.#forget(key, look);
      return detections;
    } catch (error) {
      signal.throwIfAborted();
      const isVerdict = error instanceof VisionError && error.failure === 'rejected';
      if (!isVerdict) this.#forget(key, look);
      throw error;
    } finally {
      look.callers--;
    }
  }

  /** Ends the process. The next picture starts a new one. */
  close(): void {
    this.#sandbox.close();
  }

  #begin(key: string, request: PictureRequest): Look {
    const look: Look = {
      callers: 0,
      result: this.#last.then(() => this.#look(key, look, request)),
    };
    this.#last = look.result.catch(() => undefined);
    this.#looks.set(key, look);
    const [oldest = key] = this.#looks.keys();
    if (this.#looks.size > this.#maxKept) this.#looks.delete(oldest);
    return look;
  }

  async #look(key: string, look: Look, request: PictureRequest): Promise<Detections> {
    if (look.callers === 0) {
      this.#forget(key, look);
      throw new VisionError('unavailable', 'Nobody waits for this picture any more.');
    }
    try {
      return await this.#sandbox.run(request, {}, detectionsSchema);
    } catch (error) {
      throw asVisionError(error);
    }
  }

  #forget(key: string, look: Look): void {
    if (this.#looks.get(key) === look) this.#looks.delete(key);
  }

  /** What is deployed has no process, and an installation can be without the networks. */
  #requireNetworks(): void {
    if (existsSync(this.#entry) && (this.#entry !== ENTRY || isInstalled())) return;
    throw new VisionError(
      'rejected',
      'local/vision is not part of this installation: set ANALYSIS_MODEL to a Gemini model or local/facts',
    );
  }
}

const hasGap = ({ objects, faces, text, codes }: Detections) =>
  [objects, faces, text, codes].includes(null);

function asVisionError(error: unknown): VisionError {
  const message = error instanceof Error ? error.message : String(error);
  const isBadPicture = error instanceof JobError && error.code === BAD_PICTURE;
  const isEndless = error instanceof LimitExceededError && error.limit === 'cpu';
  return new VisionError(isBadPicture || isEndless ? 'rejected' : 'unavailable', message);
}
