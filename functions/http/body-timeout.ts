/** Ends requests whose sender stops sending, or sends very slowly. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';

/** How long a body may take to arrive, in milliseconds. */
export interface BodyTimeouts {
  /** Until its next byte. While we pause the request, the time does not count. */
  stallMs: number;
  /** Until its last byte. Node's own `requestTimeout` is five minutes, and sends no explanation. */
  totalMs: number;
}

/**
 * Calls `onLate` if the body of `request` does not arrive in time.
 * @returns a function that ends the watch
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
      late(
        `The body took more than ${seconds} s. Send less at a time, or use a faster connection.`,
      ),
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
