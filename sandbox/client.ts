/**
 * Runs work on strangers' files in processes that may die. A file of a few hundred bytes can make a parser fill the memory
 * or run for hours, and neither an exception nor a timer stops that in the same process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import {
  EXCEEDED,
  type Exceeded,
  type FromChild,
  fromChildSchema,
  type Limits,
  type Start,
  type ToChild,
} from './protocol.ts';

export interface SandboxOptions
  extends Omit<Limits, 'silentMs'>,
    Partial<Pick<Limits, 'silentMs'>> {
  /** The module that the process runs. It calls `serve`. */
  entry: URL;
  /** How many jobs run at the same time, each in a process of its own. */
  processes: number;
  /** V8's heap in such a process, in MB. */
  heapMb: number;
  /** A job that reads more often is ended: its CPU time does not count while it waits for the service. */
  maxReads?: number;
  /** A process without work ends after this many milliseconds, to free its memory. */
  idleMs?: number;
  /** Shows what the process prints. Only for a process that opens nothing but what this service has made. */
  showsOutput?: boolean;
}

/** How a job reaches the file. */
export interface JobIo {
  /** Jobs of one lane run one after the other, so that no lane can hold all processes. Without it the job has its own lane. */
  lane?: string;
  read?(start: number, end: number): Promise<Buffer>;
  /** Resolves when the receiver can take more. */
  write?(bytes: Uint8Array): Promise<void>;
  signal?: AbortSignal | undefined;
}

type Limit = Exclude<Exceeded, 'silent'> | 'reads' | 'crash';

/** The job exceeded a limit, or its process died twice: the same file would do the same again. */
export class LimitExceededError extends Error {
  override readonly name = 'LimitExceededError';
  readonly limit: Limit;

  constructor(limit: Limit, detail = '') {
    super(`The file exceeded what a process may use (${limit})${detail && `: ${detail}`}`);
    this.limit = limit;
  }
}

/** The job's own error: what the code in the process threw. */
export class JobError extends Error {
  override readonly name = 'JobError';
  /** The code of an `AppError`, if it was one. */
  readonly code: string | undefined;

  constructor({ name, message, code, cause, stack }: Extract<FromChild, { kind: 'error' }>) {
    super(
      code === undefined ? `${name}: ${message}` : message,
      cause ? { cause: new Error(cause) } : {},
    );
    this.code = code;
    // Our own stack would not show where in the process the error happened.
    if (stack !== undefined) ((this.cause ?? this) as Error).stack = stack;
  }
}

interface Job {
  task: unknown;
  io: JobIo;
  deaths: number;
  settled: PromiseWithResolvers<unknown>;
}

export class Sandbox {
  readonly #options: Required<SandboxOptions>;
  readonly #waiting: Job[] = [];
  readonly #processes = new Set<SandboxProcess>();

  constructor({
    maxReads = Number.POSITIVE_INFINITY,
    silentMs = 120_000,
    idleMs = 60_000,
    showsOutput = false,
    ...options
  }: SandboxOptions) {
    this.#options = { ...options, maxReads, silentMs, idleMs, showsOutput };
  }

  get pids(): number[] {
    return [...this.#processes].flatMap(({ pid }) => pid ?? []);
  }

  /** Starts a process now, so that the first job does not wait for it. */
  prepare(): void {
    if (this.#processes.size === 0) this.#start();
  }

  /**
   * Runs one job.
   * @param answerSchema Checks the answer, because the process is not trusted.
   * @throws {LimitExceededError} for a file that no attempt can work on; {JobError} for what the job threw;
   * what `io.read` or `io.write` threw; the signal's reason.
   */
  async run<Answer>(task: unknown, io: JobIo, answerSchema: z.ZodType<Answer>): Promise<Answer> {
    io.signal?.throwIfAborted();
    const job: Job = { task, io, deaths: 0, settled: Promise.withResolvers<unknown>() };
    const onAbort = () => this.#abort(job);
    io.signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(job);
    this.#next();
    try {
      return answerSchema.parse(await job.settled.promise);
    } finally {
      io.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Waits until each process has ended by itself after its job. */
  async end(): Promise<void> {
    await Promise.all([...this.#processes].map((each) => each.leave()));
  }

  /** Ends all processes; the next job starts a new one. */
  close(): void {
    for (const each of this.#processes) each.end();
  }

  #next(): void {
    for (;;) {
      const running = new Set([...this.#processes].map(({ lane }) => lane));
      const index = this.#waiting.findIndex(
        ({ io }) => io.lane === undefined || !running.has(io.lane),
      );
      if (index < 0) return;
      const free = [...this.#processes].find(({ isFree }) => isFree);
      const isSecondTry = (this.#waiting[index]?.deaths ?? 0) > 0;
      if (free && isSecondTry && free.jobCount > 0) {
        free.end();
        continue;
      }
      if (!free && this.#processes.size >= this.#options.processes) return;
      const [job] = this.#waiting.splice(index, 1);
      if (job) (free ?? this.#start()).take(job);
    }
  }

  #start(): SandboxProcess {
    const started = new SandboxProcess(this.#options, {
      onFree: () => this.#next(),
      onEnd: (lost, exceeded, detail) => {
        this.#processes.delete(started);
        if (lost) this.#onDeath(lost, exceeded, detail, started.jobCount === 1);
        this.#next();
      },
    });
    this.#processes.add(started);
    return started;
  }

  /**
   * The file gets a second try if another reason is possible: the process exceeded no limit, or earlier files had left
   * memory in it.
   */
  #onDeath(job: Job, exceeded: Exceeded | undefined, detail: string, wasNew: boolean): void {
    job.deaths++;
    const isSure = exceeded === 'cpu' || wasNew || job.deaths > 1 || job.io.write;
    // The file may not be at fault: the process may wait for something that the machine does not give it.
    if (exceeded === 'silent') {
      job.settled.reject(new Error(`The sandbox did nothing for ${this.#options.silentMs} ms.`));
    } else if (exceeded && isSure) job.settled.reject(new LimitExceededError(exceeded, detail));
    // What was written cannot be undone, so another delivery has to start again.
    else if (job.io.write) job.settled.reject(new Error(`The sandbox ended: ${detail}`));
    else if (job.deaths < 2) this.#waiting.unshift(job);
    else job.settled.reject(new LimitExceededError('crash', detail));
  }

  #abort(job: Job): void {
    job.settled.reject(job.io.signal?.reason);
    const index = this.#waiting.indexOf(job);
    if (index >= 0) this.#waiting.splice(index, 1);
    // Starting a new process is quicker than waiting for a file that may take its whole CPU time.
    for (const each of this.#processes) if (each.isRunning(job)) each.end();
  }
}

interface Listener {
  onFree(): void;
  /** @param lost The job that the process died with. */
  onEnd(lost: Job | undefined, exceeded: Exceeded | undefined, detail: string): void;
}

const ABORTED_BY_V8 = 'SIGABRT';
/** The codes of SIGABRT from a shell, and from V8 on Windows. */
const ABORT_CODES = new Set([134, 0x80000003]);

class SandboxProcess {
  readonly #child: ChildProcess;
  readonly #options: Required<SandboxOptions>;
  readonly #listener: Listener;
  #job: Job | undefined;
  #id = 0;
  #reads = 0;
  #idle: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(options: Required<SandboxOptions>, listener: Listener) {
    this.#options = options;
    this.#listener = listener;
    const { memoryBytes, cpuMs, silentMs, heapMb, showsOutput } = options;
    const start: Start = { parent: process.pid, memoryBytes, cpuMs, silentMs };
    const child = fork(fileURLToPath(options.entry), [JSON.stringify(start)], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${heapMb}`, '--max-semi-space-size=2'],
      env: environment(),
      // Parsers may print without end. Only the last words are kept.
      stdio: ['ignore', showsOutput ? 'inherit' : 'ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    const saidOfWatch = lastOf(child.stdio[3] as Readable);
    const lastWords = lastOf(child.stderr as Readable);
    child.on('message', (message) => this.#receive(message));
    child.once('error', (error) => this.#end(undefined, error.message));
    // Unlike `exit`, `close` comes after all output was read.
    child.once('close', (code, signal) => {
      const isAbort = signal === ABORTED_BY_V8 || ABORT_CODES.has(code ?? 0);
      const said = saidOfWatch();
      const limit = said in EXCEEDED ? (said as Exceeded) : isAbort ? 'memory' : undefined;
      this.#end(limit, `it ended (${signal ?? code}) ${lastWords()}`.trim());
    });
    this.#rest();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** These keep the service's own process alive. */
  get #handles() {
    const { channel, stdio } = this.#child;
    return [this.#child, channel, ...(stdio.slice(2, 4) as Socket[])];
  }

  get isFree(): boolean {
    return !this.#job && !this.#isEnded;
  }

  /** The lane of the current job. */
  get lane(): string | undefined {
    return this.#job?.io.lane;
  }

  get jobCount(): number {
    return this.#id;
  }

  isRunning(job: Job): boolean {
    return this.#job === job;
  }

  take(job: Job): void {
    clearTimeout(this.#idle);
    this.#job = job;
    this.#id++;
    this.#reads = 0;
    // Only work keeps the service's own process alive.
    for (const each of this.#handles) each?.ref();
    this.#send({ kind: 'job', id: this.#id, task: job.task });
  }

  /** Lets the process end by itself. */
  async leave(): Promise<void> {
    const closed = once(this.#child, 'exit');
    this.#child.ref();
    this.#child.disconnect();
    await closed;
  }

  /** Ends the process at once. */
  end(): void {
    const job = this.#job;
    this.#job = undefined;
    this.#child.kill('SIGKILL');
    this.#end(undefined, '');
    job?.settled.reject(new Error('The sandbox was closed.'));
  }

  #receive(message: unknown): void {
    const parsed = fromChildSchema.safeParse(message);
    const job = this.#job;
    if (!parsed.success) return void this.#child.kill('SIGKILL');
    const said = parsed.data;
    if (!job || said.id !== this.#id) return;
    if (said.kind === 'read' && ++this.#reads > this.#options.maxReads) {
      job.settled.reject(new LimitExceededError('reads'));
      this.end();
    } else if (said.kind === 'read')
      this.#answer(said.call, job, job.io.read?.(said.start, said.end));
    else if (said.kind === 'write')
      this.#answer(
        said.call,
        job,
        job.io.write?.(said.bytes).then(() => undefined),
      );
    else this.#finish(job, said);
  }

  #answer(call: number, job: Job, work: Promise<Buffer | undefined> | undefined): void {
    if (!work) {
      this.#child.kill('SIGKILL');
      return;
    }
    work.then(
      (bytes) => {
        this.#send({ kind: 'done', call, ...(bytes && { bytes }) });
      },
      (error: unknown) => {
        // A failed read or write is not the file's fault, whatever the job makes of it.
        job.settled.reject(error);
        this.#send({ kind: 'done', call, failed: true });
      },
    );
  }

  #finish(job: Job, said: Extract<FromChild, { kind: 'answer' | 'error' }>): void {
    this.#job = undefined;
    if (said.kind === 'answer') job.settled.resolve(said.answer);
    else job.settled.reject(new JobError(said));
    this.#rest();
    this.#listener.onFree();
  }

  #send(message: ToChild): void {
    if (this.#isEnded || !this.#child.connected) return;
    this.#child.send(message, (error) => {
      if (error) this.#child.kill('SIGKILL');
    });
  }

  #rest(): void {
    for (const each of this.#handles) each?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.end(), this.#options.idleMs).unref();
  }

  #end(exceeded: Exceeded | undefined, detail: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#idle);
    const job = this.#job;
    this.#job = undefined;
    this.#listener.onEnd(job, exceeded, detail);
  }
}

const LAST_WORDS = 500;

function lastOf(stream: Readable): () => string {
  let last = '';
  stream.on('data', (piece: Buffer) => {
    last = (last + piece.toString('latin1')).slice(-LAST_WORDS);
  });
  stream.on('error', () => undefined);
  return () => last.replace(/\p{C}+/gu, ' ').trim();
}

/** The variables that the process may know. On Windows TEMP and TMP name the folder that TMPDIR names elsewhere. */
const KNOWN = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LOG_LEVEL', 'NODE_COMPILE_CACHE'];

/**
 * A process that opens strangers' files gets no keys and no credentials. Without MALLOC_ARENA_MAX glibc keeps an arena
 * for each thread, which takes a third more memory. It reads the limit only when a process starts.
 */
function environment(): NodeJS.ProcessEnv {
  const set = KNOWN.filter((name) => process.env[name] !== undefined);
  const known = Object.fromEntries(set.map((name) => [name, process.env[name]]));
  return { ...known, MALLOC_ARENA_MAX: '2' };
}
