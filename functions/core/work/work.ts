/** The services and limits of the work on one media, and the answers to Cloud Tasks. */
import type { FileInspector } from '../../inspect/inspector.ts';
import type { Logger } from '../../process/log.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import type { Moments } from '../media/moments.ts';
import type { Places } from '../media/places.ts';
import type { Analyst } from '../media/same-content.ts';
import type { MediaStore } from '../media/store.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import type { Lease, Sleep } from './lease.ts';

export interface WorkerDeps {
  media: MediaStore;
  objects: ObjectStore;
  inspector: FileInspector;
  queue: TaskQueue;
  places: Places;
  logger: Logger;
  leaseMs: number;
  maxDeliveries: number;
  /** Analyses the media. Without it the analysis of each completed copy can be copied. */
  analyst?: Analyst;
  moments: Moments;
  /** How long one delivery may work, in milliseconds. */
  budgetMs: number;
  /** The same in the tier `flex`; absent: as long. */
  flexBudgetMs?: number;
  now: () => number;
  random: () => number;
  /** Real time by default. */
  sleep?: Sleep;
}

/** The answer to Cloud Tasks: the task is done, or it must be delivered again after a time. */
export type Answer = { done: true } | { done: false; status: 429 | 503; retryAfterMs: number };

export const DONE: Answer = { done: true };

interface WorkLimits {
  signal: AbortSignal;
  deadline: number;
  /** See `TaskPayload`. */
  alone?: true | undefined;
  /** Called when Cloud Storage has answered. */
  onStorageAnswer?: () => void;
}

/** Does the work of one phase under `lease`, and releases the lease with the result. */
export type Work = (lease: Lease, limits: WorkLimits) => Promise<void>;

/**
 * The share of a delivery in which calls to a model must end. A call that the end of the delivery cuts off tells nobody that
 * the model is silent.
 */
export const CALLS_SHARE = 0.95;

/** Seconds in which a delivery writes its outcome, before Cloud Tasks gives it up. */
export const LAST_WRITES_S = 60;
