/**
 * The end of a unit's process: one list of steps, which run one after another. Cloud Run sends SIGTERM to an
 * instance and kills its process 10 s later: https://cloud.google.com/run/docs/container-contract#instance-shutdown
 */
import type { EventEmitter } from 'node:events';
import type { RequestHandler } from '../http/router.ts';
import type { Logger } from '../process/log.ts';

/** Cloud Run sends the first; a terminal sends the second to all processes that were started from it. */
const SIGNALS: readonly (string | symbol)[] = ['SIGTERM', 'SIGINT'];

const GRACE_MS = 9_000;

/** A step that takes too long leaves this much to each of the steps after it, in milliseconds. */
const RESERVE_MS = 1_000;

/** The reason of `Shutdown.signal`. */
export class ShuttingDownError extends Error {
  override readonly name = 'ShuttingDownError';
}

interface ShutdownOptions {
  logger: Pick<Logger, 'error'>;
  graceMs?: number;
  reserveMs?: number;
  /** Gets the signals, and is ended. */
  process?: EventEmitter & { exit(code: number): void };
}

type Listener = (...args: unknown[]) => unknown;

interface Step {
  name: string;
  run(): unknown;
}

/**
 * Takes SIGTERM and SIGINT over from the moment that it is made.
 * @example
 * const shutdown = new Shutdown({ logger });
 * shutdown.add('requests are answered', () => shutdown.requestsAnswered());
 * shutdown.add('spans are sent', () => telemetry.stop());
 * http('api', shutdown.track(handler));
 */
export class Shutdown {
  readonly #options: Required<ShutdownOptions>;
  readonly #controller = new AbortController();
  readonly #steps: Step[] = [];
  readonly #open = new Set<Promise<unknown>>();
  /** What libraries would do on a signal. */
  readonly #setAside: Listener[] = [];

  constructor(options: ShutdownOptions) {
    this.#options = { graceMs: GRACE_MS, reserveMs: RESERVE_MS, process, ...options };
    const end = () => void this.#end();
    const { process: target } = this.#options;
    for (const signal of SIGNALS) target.on(signal, end);
    // Functions-framework (invoker.ts, `register`) and Genkit (genkit.ts, `shutdown`) exit the process at once on
    // a signal: in the middle of each upload and delivery, and before the last spans are sent. A listener of a library
    // runs after the list.
    target.on('newListener', (event, listener) => {
      if (!SIGNALS.includes(event) || listener === end) return;
      if (event === 'SIGTERM') this.#setAside.push(listener);
      // The event comes before the listener is there.
      queueMicrotask(() => target.off(event, listener));
    });
  }

  /** Aborted on a signal: a delivery gives its lease back and answers. The reason is a `ShuttingDownError`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Adds a step after those that are in the list.
   * @param name For the log, if the step fails or takes too long.
   * @param run What it throws is logged, and the next step runs.
   */
  add(name: string, run: () => unknown): void {
    this.#steps.push({ name, run });
  }

  /** The same handler; `requestsAnswered` waits for its requests. */
  track(handler: RequestHandler): RequestHandler {
    return async (request, response) => {
      const closed = new Promise<void>((resolve) => response.once('close', resolve));
      const handled = handler(request, response);
      // Both: an answer may leave after the handler has returned, and a handler may work on when its caller is gone.
      const over = Promise.allSettled([handled, closed]);
      this.#open.add(over);
      over.then(
        () => this.#open.delete(over),
        () => undefined,
      );
      await handled;
    };
  }

  /** Resolves as soon as no request is open, those included that come in the meantime. */
  async requestsAnswered(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  async #end(): Promise<void> {
    if (this.signal.aborted) return;
    this.#controller.abort(new ShuttingDownError('The instance is shutting down.'));
    const { graceMs, reserveMs, process: target } = this.#options;
    const deadline = performance.now() + graceMs;
    const steps = [...this.#steps, ...this.#setAside.map(asStep)];
    for (const [index, step] of steps.entries()) {
      const reserved = reserveMs * (this.#steps.length - 1 - index);
      await this.#run(step, deadline - Math.max(0, reserved));
    }
    target.exit(0);
  }

  async #run({ name, run }: Step, deadline: number): Promise<void> {
    const late = Promise.withResolvers<never>();
    const ms = Math.max(0, deadline - performance.now());
    const timer = setTimeout(() => late.reject(new Error('There was no time left.')), ms);
    try {
      await Promise.race([run(), late.promise]);
    } catch (error) {
      this.#options.logger.error({ step: name, error }, 'a step of the shutdown failed');
    } finally {
      clearTimeout(timer);
    }
  }
}

function asStep(listener: Listener): Step {
  return { name: 'a SIGTERM listener of a library', run: () => listener('SIGTERM') };
}
