/** A sender that says nothing more must not hold a request for ever. */
import type { IncomingMessage } from 'node:http';

/**
 * Calls `onStall` when no byte of the body has arrived for `ms`. Time in which the request is paused
 * does not count: then it is we who are slow. How long a whole request may take is the server's
 * `requestTimeout`, five minutes unless set.
 * @returns a function that ends the watch.
 */
export function watchForStall(
  request: IncomingMessage,
  ms: number,
  onStall: () => void,
): () => void {
  const timer = setTimeout(() => {
    if (request.isPaused()) timer.refresh();
    else onStall();
  }, ms);
  timer.unref();
  request.on('data', () => timer.refresh());
  return () => clearTimeout(timer);
}
