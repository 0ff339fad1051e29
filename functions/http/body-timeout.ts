/** A sender that says nothing more, or a byte now and then, must not hold a request for ever. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';

/** How long a body may take to arrive, in milliseconds. */
export interface BodyTimeouts {
  /**
   * Until its next byte. Time in which the request is paused does not count: then it is we who are
   * slow.
   */
  stallMs: number;
  /** Until its last byte. Node's own `requestTimeout` is five minutes, and says nothing to the sender. */
  totalMs: number;
}

/**
 * Calls `onLate` when the body of `request` is not there in time.
 * @returns a function that ends the watch.
 */
export function watchBody(
  request: IncomingMessage,
  { stallMs, totalMs }: BodyTimeouts,
  onLate: (error: AppError) => void,
): () => void {
  const stall = setTimeout(() => {
    if (request.isPaused()) stall.refresh();
    else onLate(late('The body stopped arriving before its end. Send it again.'));
  }, stallMs);
  const total = setTimeout(() => {
    const seconds = Math.round(totalMs / 1_000);
    onLate(
      late(`The body took more than ${seconds} s. Send less at a time, or by a faster connection.`),
    );
  }, totalMs);
  stall.unref();
  total.unref();
  request.on('data', () => stall.refresh());
  return () => {
    clearTimeout(stall);
    clearTimeout(total);
  };
}

function late(message: string): AppError {
  return new AppError('malformed_body', message);
}
