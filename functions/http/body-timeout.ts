/** Ends requests whose sender stops sending, or sends very slowly. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';

/** Limits for the arrival of a body, in milliseconds. The time does not count while we pause the request. */
export interface BodyTimeouts {
  /** Until its next byte. */
  stallMs: number;
  /** Until its last byte. */
  totalMs: number;
  /** The fewest bytes in each window of time. Without it a body may come byte by byte. */
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
  stall.unref();
  const restart = () => stall.refresh();
  request.on('data', restart).on('resume', restart);
  const stopCounting = watchTotal(request, totalMs, onLate);
  const stopMeasuring = floor && watchFloor(request, floor, onLate);
  return () => {
    clearTimeout(stall);
    request.off('data', restart).off('resume', restart);
    stopCounting();
    stopMeasuring?.();
  };
}

function watchTotal(
  request: IncomingMessage,
  totalMs: number,
  onLate: (error: AppError) => void,
): () => void {
  let leftMs = totalMs;
  let runningSince = 0;
  let timer: NodeJS.Timeout | undefined;
  const onPause = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    leftMs -= performance.now() - runningSince;
  };
  const run = () => {
    // Node emits the end of a pause later, when another one may have begun.
    if (timer !== undefined || request.isPaused()) return;
    runningSince = performance.now();
    timer = setTimeout(() => onLate(tooLong(totalMs)), leftMs).unref();
  };
  run();
  request.on('pause', onPause).on('resume', run);
  return () => {
    clearTimeout(timer);
    request.off('pause', onPause).off('resume', run);
  };
}

/** A window in which we paused the request, even for a moment, does not count: the sender may not be at fault. */
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

function tooLong(totalMs: number): AppError {
  const seconds = Math.round(totalMs / 1_000);
  return late(
    `The body took more than ${seconds} s. Send less at a time, or use a faster connection.`,
  );
}

function late(message: string): AppError {
  return new AppError('request_timeout', message);
}
