/**
 * Ends a unit's process by a list of steps, one after another. Cloud Run sends SIGTERM to an instance and kills its process
 * 10 s later: https://cloud.google.com/run/docs/container-contract#instance-shutdown
 */
import type { EventEmitter } from 'node:events';
import type { RequestHandler } from '../http/router.ts';
import type { Logger } from '../process/log.ts';

/** Cloud Run sends the first. A terminal sends the second to all processes that were started from it. */
const SIGNALS: readonly (string | symbol)[] = ['SIGTERM', 'SIGINT'];

const GRACE_MS = 9_000;

/** A step that takes too long leaves this many milliseconds to each step after it. */
const RESERVE_MS = 1_000;

/** The reason of `Shutdown.signal`. */
export class ShuttingDownError extends Error {
  override readonly name = 'ShuttingDownError';
}

interface ShutdownOptions {
  logger: Pick<Logger, 'error'>;
  graceMs?: number;
  reserveMs?: number;
  /** Receives the signals, and is ended. */
  process?: EventEmitter & { exit(code: number): void };
}

type Listener = (...args: unknown[]) => unknown;

interface Step {
  name: string;
  run(): unknown;
}

/**
 * Handles SIGTERM and SIGINT from its construction on.
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
  /** The libraries' listeners for a signal. */
  readonly #setAside: Listener[] = [];

  constructor(options: ShutdownOptions) {
    this.#options = { graceMs: GRACE_MS, reserveMs: RESERVE_MS, process, ...options };
    const end = () => void this.#end();
    const { process: target } = this.#options;
    for (const signal of SIGNALS) target.on(signal, end);
    // Functions-framework (invoker.ts, `register`) and Genkit (genkit.ts, `shutdown`) exit the process at once on a signal, in
    // the middle of uploads and deliveries (https://github.com/GoogleCloudPlatform/functions-framework-nodejs/issues/704). So the listeners of libraries run after the list.
    target.on('newListener', (event, listener) => {
      if (!SIGNALS.includes(event) || listener === end) return;
      if (event === 'SIGTERM') this.#setAside.push(listener);
      // The event comes before the listener is added.
      queueMicrotask(() => target.off(event, listener));
    });
  }

  /** Aborted on a signal, with a `ShuttingDownError`. Then a delivery gives its lease back and answers. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Adds a step to the end of the list.
   * @param name For the log, if the step fails or takes too long.
   * @param run If it throws, the error is logged and the next step runs.
   */
  add(name: string, run: () => unknown): void {
    this.#steps.push({ name, run });
  }

  /** Makes `requestsAnswered` wait for the handler's requests. */
  track(handler: RequestHandler): RequestHandler {
    return async (request, response) => {
      const closed = new Promise<void>((resolve) => response.once('close', resolve));
      const handled = handler(request, response);
      // Both: an answer may be sent after the handler has returned, and a handler may go on when its caller is gone.
      const over = Promise.allSettled([handled, closed]);
      this.#open.add(over);
      over.then(
        () => this.#open.delete(over),
        () => undefined,
      );
      await handled;
    };
  }

  /** Resolves when no request is open. It also waits for requests that come in the meantime. */
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
