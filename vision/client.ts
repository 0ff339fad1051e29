/** The service's side of the vision process, which is a sandbox of its own. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { JobError, LimitExceededError, Sandbox } from '@media-analysis/sandbox/client';
import { unlessAborted } from '@media-analysis/shared/wait';
import { BAD_PICTURE, VisionError } from './errors.ts';
import { isInstalled } from './installed.ts';
import { type Detections, detectionsSchema, type PictureRequest } from './protocol.ts';

interface VisionOptions {
  /** The module that the process runs. Default: the one that loads the networks. */
  entry?: URL;
  /** CPU time for one picture, in milliseconds. */
  cpuMs?: number;
  /** How many results are kept. */
  maxCached?: number;
  /** An idle process ends after this time, which frees its memory. */
  idleMs?: number;
}

interface PictureAnalysis {
  result: Promise<Detections>;
  /** How many callers wait. */
  callers: number;
}

const ENTRY = new URL('./child.ts', import.meta.url);

/**
 * A page of text took 6 s when this was measured, and the first picture 5 s more to load the networks. The limit is for a
 * picture that never ends: a slow machine must not reach it.
 */
const CPU_MS = 5 * 60_000;

/**
 * Analyses one picture at a time. The first picture starts the process, and later ones reuse it. After a crash a new process
 * starts, and an idle process ends.
 *
 * Once begun, the work on a picture runs to its end even if nobody waits, and its result is kept. A further analysis of the
 * picture finds it, and so does the next delivery if the first one had no time left.
 */
export class VisionClient {
  readonly #entry: URL;
  readonly #maxCached: number;
  readonly #sandbox: Sandbox;
  /** By the picture's content and the language, the oldest first. */
  readonly #analyses = new Map<string, PictureAnalysis>();
  /** Ends when the process is free for the next picture. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({
    entry = ENTRY,
    cpuMs = CPU_MS,
    maxCached = 100,
    idleMs = 5 * 60_000,
  }: VisionOptions = {}) {
    this.#entry = entry;
    this.#maxCached = maxCached;
    this.#sandbox = new Sandbox({
      entry,
      processes: 1,
      // With all networks the process takes 500 MB, most of it outside V8's heap.
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
   * @throws {VisionError}; the signal's reason, as soon as the signal is aborted
   */
  async analysePicture(
    jpeg: Uint8Array,
    language: string,
    signal: AbortSignal,
  ): Promise<Detections> {
    signal.throwIfAborted();
    this.#requireNetworks();
    const key = `${createHash('sha256').update(jpeg).digest('base64')} ${language}`;
    const analysis = this.#analyses.get(key) ?? this.#begin(key, { jpeg, language });
    analysis.callers++;
    try {
      const detections = await unlessAborted(analysis.result, signal);
      // A network that has failed may succeed the next time.
      if (hasGap(detections)) this.#forget(key, analysis);
      return detections;
    } catch (error) {
      signal.throwIfAborted();
      const isVerdict = error instanceof VisionError && error.failure === 'rejected';
      if (!isVerdict) this.#forget(key, analysis);
      throw error;
    } finally {
      analysis.callers--;
    }
  }

  /** The next picture starts a new process. */
  close(): void {
    this.#sandbox.close();
  }

  #begin(key: string, request: PictureRequest): PictureAnalysis {
    const analysis: PictureAnalysis = {
      callers: 0,
      result: this.#last.then(() => this.#run(key, analysis, request)),
    };
    this.#last = analysis.result.catch(() => undefined);
    this.#analyses.set(key, analysis);
    const [oldest = key] = this.#analyses.keys();
    if (this.#analyses.size > this.#maxCached) this.#analyses.delete(oldest);
    return analysis;
  }

  async #run(key: string, analysis: PictureAnalysis, request: PictureRequest): Promise<Detections> {
    if (analysis.callers === 0) {
      this.#forget(key, analysis);
      throw new VisionError('unavailable', 'Nobody waits for this picture any more.');
    }
    try {
      return await this.#sandbox.run(request, {}, detectionsSchema);
    } catch (error) {
      throw asVisionError(error);
    }
  }

  #forget(key: string, analysis: PictureAnalysis): void {
    if (this.#analyses.get(key) === analysis) this.#analyses.delete(key);
  }

  /** A deployed worker has no vision process, and an installation can be without the networks. */
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
