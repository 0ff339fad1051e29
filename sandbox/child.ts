/** The inside of a sandbox process: it takes one job at a time and ends when its parent ends. */
import { Worker } from 'node:worker_threads';
import { type FromChild, startSchema, type ToChild } from './protocol.ts';

/** The calls that a job may make to the service. */
export interface SandboxIo {
  /** Bytes of the file from `start` up to `end`, which is excluded. */
  read(start: number, end: number): Promise<Buffer>;
  /** Hands bytes to the service; resolves when the service can take more. */
  write(bytes: Uint8Array): Promise<void>;
}

const LOOK_MS = 50;

/**
 * A thread of its own watches the limits, because work that hangs or fills the memory blocks the main thread. It names the
 * limit that was exceeded by a synchronous write, and ends the process. No clock decides: a process is silent if this thread
 * has looked many times and the others have not worked meanwhile.
 */
const WATCH = `
  const { workerData: { parent, job, memoryBytes, cpuMs, silentMs } } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const say = (word) => { try { writeSync(3, word); } catch {} };
  const end = (reason) => {
    if (reason) say(reason);
    process.kill(process.pid, 'SIGKILL');
  };
  let current = 0;
  let begun = 0;
  let seen = 0;
  let quietLooks = 0;
  // A process whose parent ends gets another parent. On Windows it keeps the number of the old one.
  const isAlone = () => {
    if (process.ppid !== parent) return true;
    try { return !process.kill(parent, 0); } catch (error) { return error.code === 'ESRCH'; }
  };
  const inMs = ({ user, system }) => (user + system) / 1000;
  const cpu = () => { return inMs(process.cpuUsage()); };
  // This thread uses CPU time too.
  const workOfOthers = () => cpu() - inMs(process.threadCpuUsage());
  setInterval(() => {
    if (isAlone()) end();
    const now = Atomics.load(job, 0);
    if (now === 0) { current = 0; return; }
    if (now !== current) { current = now; begun = cpu(); quietLooks = 0; }
    if (process.memoryUsage.rss() > memoryBytes) end('memory');
    if (cpu() - begun > cpuMs) end('cpu');
    const isWaiting = Atomics.load(job, 1) > 0;
    if (isWaiting || workOfOthers() > seen + 1) { seen = workOfOthers(); quietLooks = 0; }
    if (++quietLooks * ${LOOK_MS} > silentMs) end('silent');
  }, ${LOOK_MS});
`;

/**
 * Takes jobs until the parent process is gone. Call it once, in the module that a `Sandbox` starts.
 *
 * @example
 * serve(async (task, { read }) => inspect(task, await read(0, 1024)));
 */
export function serve(work: (task: unknown, io: SandboxIo) => Promise<unknown>): void {
  const start = startSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  // The channel closes as soon as the parent is gone, also after kill -9.
  process.on('disconnect', () => process.exit());
  if (!process.connected) process.exit();
  // Ctrl-C reaches every process of a terminal: the parent decides when the work is over.
  process.on('SIGINT', () => undefined);
  /** The id of the job, and the number of answers of the service that it waits for. */
  const job = new Int32Array(new SharedArrayBuffer(8));
  new Worker(WATCH, {
    eval: true,
    workerData: { job, ...start },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  }).unref();
  const calls = new Map<number, PromiseWithResolvers<Buffer>>();
  let lastCall = 0;
  const say = (message: FromChild) => void process.send?.(message);
  const tellWatch = () => Atomics.store(job, 1, calls.size);
  const ask = (message: (call: number) => FromChild): Promise<Buffer> => {
    const answer = Promise.withResolvers<Buffer>();
    calls.set(++lastCall, answer);
    tellWatch();
    say(message(lastCall));
    return answer.promise;
  };
  process.on('message', (message: ToChild) => {
    if (message.kind === 'done') {
      const answer = calls.get(message.call);
      calls.delete(message.call);
      tellWatch();
      if (message.failed) answer?.reject(new Error('The service could not do it.'));
      else answer?.resolve(Buffer.from(message.bytes ?? new Uint8Array()));
      return;
    }
    const { id, task } = message;
    const io: SandboxIo = {
      read: (start, end) => ask((call) => ({ kind: 'read', id, call, start, end })),
      write: async (bytes) => {
        await ask((call) => ({ kind: 'write', id, call, bytes }));
      },
    };
    Atomics.store(job, 0, id);
    work(task, io)
      .then(
        (answer): FromChild => ({ kind: 'answer', id, answer }),
        (error: unknown) => describe(id, error),
      )
      .then((answer) => {
        Atomics.store(job, 0, 0);
        calls.clear();
        tellWatch();
        say(answer);
      })
      .catch(() => process.exit(1));
  });
}

/** The parent makes an `Error` of it, so any other name must be in the text. */
function causeOf(cause: unknown): string {
  return cause instanceof Error && cause.name === 'Error' ? cause.message : String(cause);
}

function describe(id: number, error: unknown): FromChild {
  const { name, message, code, cause } = (error ?? {}) as Error & { code?: unknown };
  // The stack of an `AppError` repeats its message, which may contain the name of a file.
  const { stack } = ((typeof code === 'string' ? cause : (cause ?? error)) ?? {}) as Error;
  return {
    kind: 'error',
    id,
    name: String(name).slice(0, 200),
    message: String(message).slice(0, 4_000),
    ...(typeof code === 'string' && { code: code.slice(0, 100) }),
    ...(cause !== undefined && { cause: causeOf(cause).slice(0, 4_000) }),
    ...(typeof stack === 'string' && { stack: stack.slice(0, 4_000) }),
  };
}
