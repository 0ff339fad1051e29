/** Answers a delivery that may not work on its media. */
import type { DocumentSnapshot } from '@google-cloud/firestore';
import type { Phase, TaskPayload } from '@media-analysis/shared/media';
import { stagingName } from '../../storage/objects.ts';
import { NEWER_MS, taskOf } from '../media/record.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import type { ClaimDecision } from './claim.ts';
import { type Answer, DONE, type WorkerDeps } from './work.ts';

/** How long the deletion of a document may take. */
const REMOVAL_MS = 10 * 60_000;
const REMOVAL_CHECK_MS = 60_000;

/** Removes what is left of a media whose document is gone. If the deletion has failed, the media stays as it is. */
export async function checkRemoval(sinceMs: number, id: string, deps: WorkerDeps): Promise<Answer> {
  const { logger, now } = deps;
  if (await removeIfGone(id, deps)) return DONE;
  if (now() - sinceMs < REMOVAL_MS) {
    return { done: false, status: 503, retryAfterMs: REMOVAL_CHECK_MS };
  }
  logger.info('not removed: its deletion has failed');
  return DONE;
}

/** A media that is kept elsewhere, such as in the bin, keeps its objects. @returns whether the media is gone */
export async function removeIfGone(id: string, { media, objects }: WorkerDeps): Promise<boolean> {
  const isGone = await media.isGone(id);
  if (isGone) await objects.removeAll(id);
  return isGone;
}

export async function answerUnclaimed(
  decision: ClaimDecision,
  media: DocumentSnapshot,
  phase: Phase,
  payload: TaskPayload,
  deps: WorkerDeps,
): Promise<Answer> {
  const { objects, queue, places, now } = deps;
  switch (decision.kind) {
    case 'wait': {
      const status = decision.reason === 'quota' ? 429 : 503;
      return { done: false, status, retryAfterMs: decision.ms };
    }
    case 'newer': {
      // Deliveries side by side make one task together, because its name has the time in steps of `NEWER_MS`.
      const suffix = `-n${Math.floor(now() / NEWER_MS)}`;
      return deliverLater(phase, payload, suffix, NEWER_MS, queue);
    }
    case 'placeless':
      return (await places.ask(media)) ? DONE : { done: false, status: 503, retryAfterMs: 1_000 };
    case 'stored':
      // The delivery that stored the bytes may have died before it enqueued the next task.
      await queue.enqueue('analyze', taskOf(decision.record));
      await objects.unstage(stagingName(payload.media_id));
      return DONE;
    case 'gone':
      // The process that deleted the media, or worked on it, may have died before it removed the objects.
      await removeIfGone(payload.media_id, deps);
      return DONE;
    default:
      return DONE;
  }
}

/**
 * Replaces the task by one for that time. An answer of 429 would do as well, but Cloud Tasks slows down the whole queue
 * for it ("Backoff errors and enforced rates": https://cloud.google.com/tasks/docs/common-pitfalls).
 */
export async function deliverLater(
  phase: Phase,
  payload: TaskPayload,
  suffix: string,
  delayMs: number,
  queue: TaskQueue,
): Promise<Answer> {
  try {
    await queue.enqueue(phase, payload, suffix, { delayMs });
    return DONE;
  } catch {
    // Cloud Tasks keeps the task that is there.
    return { done: false, status: 429, retryAfterMs: delayMs };
  }
}
