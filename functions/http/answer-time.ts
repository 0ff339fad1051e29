/**
 * Limits the time until each answer, so that a caller gets one even if a service is silent. The time does not count while the
 * sender of a body has to send more: then `body-timeout.ts` counts. An answer that has begun, such as a stream of events or a
 * file, has no limit.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';
import { withRequestDeadline } from '../process/answer-limit.ts';

export type TimedRequest = Pick<IncomingMessage, 'complete' | 'readableFlowing' | 'on' | 'off'>;

/**
 * Runs `work`, which answers the request. Its calls to other services get no more time than is left.
 * @param onLate Called when the time is over, with the rest of `work`. It ends soon, because its calls get no more time.
 * @throws {AppError} `unavailable` when the time is over, or what `work` throws
 */
export async function answerInTime(
  request: TimedRequest,
  response: Pick<ServerResponse, 'headersSent'>,
  ms: number,
  work: () => Promise<void>,
  onLate: (late: AppError, rest: Promise<void>) => void,
): Promise<void> {
  let deadline = Date.now() + ms;
  let state: 'waiting' | 'late' | 'ended' = 'waiting';
  const leftMs = () => {
    if (state === 'late') return 0;
    const isAnswered = state === 'ended' || response.headersSent;
    return isAnswered ? Number.POSITIVE_INFINITY : Math.max(0, deadline - Date.now());
  };
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    if (response.headersSent) return;
    if (request.readableFlowing && !request.complete) return restart();
    state = 'late';
    const late = tooLate();
    onLate(late, rest);
    over.reject(late);
  }, ms);
  timer.unref();
  const restart = () => {
    deadline = Date.now() + ms;
    timer.refresh();
  };
  // The body goes on after a pause of ours, or has arrived.
  request.on('resume', restart).on('end', restart);
  const rest = withRequestDeadline(leftMs, async () => work()).finally(() => {
    state = 'ended';
  });
  try {
    await Promise.race([rest, over.promise]);
  } finally {
    clearTimeout(timer);
    request.off('resume', restart).off('end', restart);
  }
}

function tooLate(): AppError {
  const message =
    'This could not be done in time, because a service that this one needs does not answer. Try again in a moment.';
  return new AppError('unavailable', message);
}
