/**
 * The statuses of a media and the changes between them. Free of zod, because the page needs this
 * file too.
 */

export const MEDIA_STATUSES = ['pending', 'uploading', 'analyzing', 'completed', 'failed'] as const;
/**
 * The state of the work on a media. The normal way is `pending` → `uploading` → `analyzing` → `completed`.
 * - `pending`: accepted, and waiting for the worker
 * - `uploading`: the worker checks the bytes and stores them; afterwards the media waits for its analysis
 * - `analyzing`: a model describes the media
 * - `completed`: the work is done
 * - `failed`: the work ended with an error: `error_code` says which
 */
export type MediaStatus = (typeof MEDIA_STATUSES)[number];

/**
 * The statuses that may follow each status. A write may also keep the status (progress, a new lease).
 * `pending → analyzing`: a retry of a media whose bytes are stored.
 * `completed → pending`: the owner asks for another analysis, or for the same one again.
 * `pending → completed`: a media is only stored, so fast that `uploading` was never written.
 */
const TRANSITIONS: Record<MediaStatus, readonly MediaStatus[]> = {
  pending: ['uploading', 'analyzing', 'completed', 'failed'],
  uploading: ['analyzing', 'completed', 'failed'],
  analyzing: ['completed', 'failed'],
  completed: ['pending'],
  failed: ['pending'],
};

/** True if a media in status `from` may be written with status `to`. */
export function canTransition(from: MediaStatus, to: MediaStatus): boolean {
  return (from === to && !isTerminal(from)) || TRANSITIONS[from].includes(to);
}

/** True if a media in this status stays as it is until its owner acts. */
export function isTerminal(status: MediaStatus): boolean {
  return status === 'completed' || status === 'failed';
}

/** Values of `progress` where a stage begins: 0 → 0.5 is storing, 0.5 → 1 is analysing. */
export const PROGRESS = { accepted: 0, claimed: 0.1, stored: 0.5, done: 1 } as const;
