/** The service's side of the vision process, which is a sandbox of its own. */
import { existsSync } from 'node:fs';
import { JobError, LimitExceededError, Sandbox } from '@media-analysis/sandbox/client';
import { BAD_PICTURE, VisionError } from './errors.ts';
import { isInstalled } from './installed.ts';
import { type Detections, detectionsSchema, type PictureRequest } from './protocol.ts';

interface VisionOptions {
  /** The module that the process runs; absent: the one that loads the networks. */
  entry?: URL;
  /** CPU time for one picture, in milliseconds. The first picture also loads the networks: 5 s in all. */
  cpuMs?: number;
  /** How many pictures may wait. */
  maxWaiting?: number;
  /** An idle process ends after this time, which frees its memory. */
  idleMs?: number;
}

const ENTRY = new URL('./child.ts', import.meta.url);

/**
 * One picture at a time. The first picture starts the process, later pictures reuse it, a crash is followed by a new start,
 * and an idle process is ended. A picture whose signal is aborted runs to its end and the result is dropped: that is faster
 * than loading the networks again.
 */
export class VisionClient {
  readonly #entry: URL;
  readonly #maxWaiting: number;
  readonly #sandbox: Sandbox;
  #pictures = 0;

  constructor({
    entry = ENTRY,
    cpuMs = 60_000,
    maxWaiting = 32,
    idleMs = 5 * 60_000,
  }: VisionOptions = {}) {
    this.#entry = entry;
    this.#maxWaiting = maxWaiting;
    this.#sandbox = new Sandbox({
      entry,
      processes: 1,
      // With all networks the process has 500 MB, most of it outside of V8's heap.
      memoryBytes: 2e9,
      heapMb: 1_024,
      cpuMs,
      idleMs,
      outlivesAbort: true,
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
    if (this.#pictures > this.#maxWaiting) {
      throw new VisionError('unavailable', `${this.#maxWaiting} pictures are waiting already`);
    }
    this.#pictures++;
    const request: PictureRequest = { jpeg, language };
    try {
      return await this.#sandbox.run(request, { signal }, detectionsSchema);
    } catch (error) {
      signal.throwIfAborted();
      throw asVisionError(error);
    } finally {
      this.#pictures--;
    }
  }

  /** Ends the process. The next picture starts a new one. */
  close(): void {
    this.#sandbox.close();
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

function asVisionError(error: unknown): VisionError {
  const message = error instanceof Error ? error.message : String(error);
  const isBadPicture = error instanceof JobError && error.code === BAD_PICTURE;
  const isEndless = error instanceof LimitExceededError && error.limit === 'cpu';
  return new VisionError(
    isBadPicture ? 'rejected' : isEndless ? 'timeout' : 'unavailable',
    message,
  );
}
