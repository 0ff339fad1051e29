/**
 * The service's side of the vision process. The first picture starts the process, later pictures
 * reuse it, a crash is followed by a new start, and an idle process is ended.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VisionError } from './errors.ts';
import { isInstalled } from './installed.ts';
import { type Detections, type PictureRequest, pictureAnswerSchema } from './protocol.ts';

interface VisionOptions {
  /** The module that the process runs; absent: the one that loads the networks. */
  entry?: URL;
  /** Limit for one picture. The first picture's limit includes the time to load the networks. */
  timeoutMs?: number;
  /** How many pictures may wait. */
  maxWaiting?: number;
  /** An idle process ends after this time, which frees its memory. */
  idleMs?: number;
}

interface Job {
  request: PictureRequest;
  signal: AbortSignal;
  resolve(detections: Detections): void;
  reject(error: unknown): void;
}

const ENTRY = new URL('./child.ts', import.meta.url);

export class VisionClient {
  readonly #entry: URL;
  readonly #timeoutMs: number;
  readonly #maxWaiting: number;
  readonly #idleMs: number;
  readonly #waiting: Job[] = [];
  #running: { job: Job; timer: NodeJS.Timeout } | undefined;
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 1;

  constructor({
    entry = ENTRY,
    timeoutMs = 30_000,
    maxWaiting = 32,
    idleMs = 5 * 60_000,
  }: VisionOptions = {}) {
    this.#entry = entry;
    this.#timeoutMs = timeoutMs;
    this.#maxWaiting = maxWaiting;
    this.#idleMs = idleMs;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
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
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new VisionError('unavailable', `${this.#waiting.length} pictures are waiting already`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Detections>();
    const job = { request: { id: this.#nextId++, jpeg, language }, signal, resolve, reject };
    const onAbort = () => this.#abandon(job);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(job);
    this.#next();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the process. The next picture starts a new one. */
  close(): void {
    clearTimeout(this.#idle);
    const child = this.#child;
    this.#processEnded(child, 'it was closed');
    if (child?.connected) child.disconnect();
  }

  /**
   * A picture that is already being processed runs to its end and the result is dropped: that is
   * faster than restarting the process.
   */
  #abandon(job: Job): void {
    const index = this.#waiting.indexOf(job);
    if (index >= 0) this.#waiting.splice(index, 1);
    job.reject(job.signal.reason);
  }

  #next(): void {
    if (this.#running) return;
    const job = this.#waiting.shift();
    if (job) this.#run(job);
    else this.#becomeIdle();
  }

  #run(job: Job): void {
    clearTimeout(this.#idle);
    const timer = setTimeout(() => this.#endAfterTimeout(job), this.#timeoutMs);
    this.#running = { job, timer };
    try {
      const child = this.#child ?? this.#start();
      // The vision process keeps the service's process alive only while it works.
      child.ref();
      child.channel?.ref();
      child.send(job.request, (error) => {
        if (error) this.#processEnded(child, error.message);
      });
    } catch (error) {
      this.#finish(() => job.reject(error));
    }
  }

  #becomeIdle(): void {
    this.#child?.unref();
    this.#child?.channel?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), this.#idleMs).unref();
  }

  #finish(settle: () => void): void {
    clearTimeout(this.#running?.timer);
    this.#running = undefined;
    settle();
    this.#next();
  }

  /** The picture is stuck or slow. Inference cannot be interrupted, so the process is killed. */
  #endAfterTimeout(job: Job): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    const error = new VisionError(
      'timeout',
      `the vision process gave no answer within ${this.#timeoutMs} ms`,
    );
    this.#finish(() => job.reject(error));
  }

  #start(): ChildProcess {
    // What is deployed has neither, and an installation can be without the networks.
    if (!existsSync(this.#entry) || (this.#entry === ENTRY && !isInstalled())) {
      throw new VisionError(
        'rejected',
        'local/vision is not part of this installation: set ANALYSIS_MODEL to a Gemini model or local/facts',
      );
    }
    const child = fork(fileURLToPath(this.#entry), {
      serialization: 'advanced',
      execArgv: ['--max-semi-space-size=2'],
      env: environment(),
    });
    child.on('message', (message) => this.#receive(child, message));
    child.once('error', (error) => this.#processEnded(child, error.message));
    child.once('exit', (code, signal) => this.#processEnded(child, `it ended (${signal ?? code})`));
    this.#child = child;
    return child;
  }

  #receive(child: ChildProcess, message: unknown): void {
    const { data: answer } = pictureAnswerSchema.safeParse(message);
    if (!answer) return void child.kill('SIGKILL');
    const job = this.#running?.job;
    if (child !== this.#child || job?.request.id !== answer.id) return;
    this.#finish(() => {
      if ('detections' in answer) job.resolve(answer.detections);
      else
        job.reject(
          answer.bad_picture
            ? new VisionError('rejected', answer.error)
            : new VisionError('unavailable', answer.error),
        );
    });
  }

  #processEnded(child: ChildProcess | undefined, reason: string): void {
    if (!child || child !== this.#child) return;
    this.#child = undefined;
    const job = this.#running?.job;
    if (job)
      this.#finish(() => job.reject(new VisionError('unavailable', `vision process: ${reason}`)));
  }
}

/**
 * The environment of the vision process. The process opens strangers' pictures, so it gets no keys
 * and no credentials. `MALLOC_ARENA_MAX`: by default glibc keeps an arena for each thread, which
 * adds a third to the memory. glibc reads the limit only when a process starts.
 */
function environment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, SystemRoot, LOG_LEVEL } = process.env;
  const given = Object.entries({ PATH, TMPDIR, SystemRoot, LOG_LEVEL });
  const set = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  return { ...set, MALLOC_ARENA_MAX: '2' };
}
