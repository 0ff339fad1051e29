/** Ends requests whose sender stops sending, or sends very slowly. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';

/** How long a body may take to arrive, in milliseconds. While we pause the request, the time does not count. */
export interface BodyTimeouts {
  /** Until its next byte. */
  stallMs: number;
  /** Until its last byte. */
  totalMs: number;
  /** The fewest bytes of each window of time. Absent: a body may come byte by byte. */
  floor?: { bytes: number; windowMs: number };
}

/**
 * Calls `onLate` if the body of `request` does not arrive in time.
 * @returns a function that ends the watch
 * @example
 * const stopWatching = watchBody(request, { stallMs: 30_000, totalMs: 420_000 }, reject);
 */
export function watchBody(
  request: IncomingMessage,
  { stallMs, totalMs, floor }: BodyTimeouts,
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
  const stopMeasuring = floor && watchFloor(request, floor, onLate);
  stall.unref();
  total.unref();
  request.on('data', () => stall.refresh());
  return () => {
    clearTimeout(stall);
    clearTimeout(total);
    stopMeasuring?.();
  };
}

/** A window in which we have paused the request, even for a moment, is not judged: it says nothing of the sender. */
function watchFloor(
  request: IncomingMessage,
  { bytes, windowMs }: NonNullable<BodyTimeouts['floor']>,
  onLate: (error: AppError) => void,
): () => void {
  let received = 0;
  let wasPaused = request.isPaused();
  const onData = (chunk: Buffer) => {
    received += chunk.length;
  };
  const onPause = () => {
    wasPaused = true;
  };
  request.on('data', onData).on('pause', onPause);
  const window = setInterval(() => {
    if (received < bytes && !wasPaused) {
      onLate(late('The body arrives too slowly. Send less at a time, or use a faster connection.'));
    }
    received = 0;
    wasPaused = request.isPaused();
  }, windowMs);
  window.unref();
  return () => {
    clearInterval(window);
    request.off('data', onData).off('pause', onPause);
  };
}

function late(message: string): AppError {
  return new AppError('malformed_body', message);
}
