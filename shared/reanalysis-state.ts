/** The states of a reanalysis. Free of zod, because the page needs this file too. */

export const REANALYSIS_STATES = ['quoted', 'running', 'paused', 'completed', 'cancelled'] as const;
/**
 * - `quoted`: it shows its cost, and waits for confirmation
 * - `running`: it works, or it waits: see `wait_code`
 * - `paused`: it starts nothing until it is resumed
 * - `completed`: all work is done
 * - `cancelled`: it starts nothing more
 */
export type ReanalysisState = (typeof REANALYSIS_STATES)[number];

/** True if nothing will change any more: all media in work have ended too. */
export function isOver({
  state,
  in_flight,
}: {
  state: ReanalysisState;
  in_flight: number;
}): boolean {
  return (state === 'completed' || state === 'cancelled') && in_flight === 0;
}
