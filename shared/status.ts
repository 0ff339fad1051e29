/** The statuses of a media, and what may follow what. Without zod: the page needs it too. */

export const MEDIA_STATUSES = ['pending', 'uploading', 'analyzing', 'completed', 'failed'] as const;
export type MediaStatus = (typeof MEDIA_STATUSES)[number];

/**
 * What may follow what. A status may always be written again (progress, a new lease).
 * `pending → analyzing` is the retry of an item whose bytes are stored already; `pending → completed`
 * is one that is only stored, too quickly for a write in between.
 */
const TRANSITIONS: Record<MediaStatus, readonly MediaStatus[]> = {
  pending: ['uploading', 'analyzing', 'completed', 'failed'],
  uploading: ['analyzing', 'completed', 'failed'],
  analyzing: ['completed', 'failed'],
  completed: [],
  failed: ['pending'],
};

/** Whether a media in status `from` may be written with status `to`. */
export function canTransition(from: MediaStatus, to: MediaStatus): boolean {
  return (from === to && !isTerminal(from)) || TRANSITIONS[from].includes(to);
}

/** Whether a media in this status stays as it is until its owner acts. */
export function isTerminal(status: MediaStatus): boolean {
  return status === 'completed' || status === 'failed';
}

/** Points of `progress` that mark the borders between stages: 0 → 0.5 storing, 0.5 → 1 analysing. */
export const PROGRESS = { accepted: 0, claimed: 0.1, stored: 0.5, done: 1 } as const;
