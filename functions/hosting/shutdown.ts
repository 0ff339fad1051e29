/**
 * What an instance does when the platform ends it. Cloud Run sends SIGTERM and waits 10 s
 * (https://cloud.google.com/run/docs/container-contract#instance-shutdown); functions-framework would
 * answer the latest request with 500 and exit at once, in the middle of every upload and delivery.
 */
import type { RequestHandler } from '../http/router.ts';

const GRACE_MS = 9_000;

/** The reason of `Drain.signal`. */
export class ShuttingDownError extends Error {
  override readonly name = 'ShuttingDownError';
}

export interface Drain {
  /** Aborted when the instance is told to end: what can be given back, is given back now. */
  signal: AbortSignal;
  /** The handler, whose requests are waited for. */
  wrap(handler: RequestHandler): RequestHandler;
}

/**
 * Takes SIGTERM over: ends the process once every request is answered, or the grace period is over.
 * @param flush What has to leave the process at its very end.
 */
export function drainOnSigterm(flush: () => Promise<void> = async () => undefined): Drain {
  const controller = new AbortController();
  const open = new Set<Promise<void>>();

  const drain = () => {
    controller.abort(new ShuttingDownError('The instance is shutting down.'));
    setTimeout(() => process.exit(0), GRACE_MS).unref();
    const end = () => process.exit(0);
    Promise.allSettled(open).then(flush).then(end, end);
  };
  process.on('SIGTERM', drain);
  // The framework adds its own handler once it listens.
  process.on('newListener', (event, listener) => {
    if (event !== 'SIGTERM' || listener === drain) return;
    queueMicrotask(() => process.off('SIGTERM', listener as () => void));
  });

  return {
    signal: controller.signal,
    wrap: (handler) => async (request, response) => {
      const answered = new Promise<void>((resolve) => response.once('close', resolve));
      open.add(answered);
      answered.then(
        () => open.delete(answered),
        () => undefined,
      );
      await handler(request, response);
    },
  };
}
