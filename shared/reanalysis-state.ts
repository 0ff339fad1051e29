/** The states of a reanalysis. Free of zod, because the page needs this file too. */

export const REANALYSIS_STATES = ['quoted', 'running', 'paused', 'completed', 'cancelled'] as const;
/**
 * - `quoted`: it says what it would cost, and waits to be confirmed
 * - `running`: it is under way, or waits: see `wait_code`
 * - `paused`: it begins nothing until it is resumed
 * - `completed`: nothing is left to be done
 * - `cancelled`: it begins nothing any more
 */
export type ReanalysisState = (typeof REANALYSIS_STATES)[number];

/** True if nothing will change any more: the media that were asked about have ended too. */
export function isOver({
  state,
  in_flight,
}: {
  state: ReanalysisState;
  in_flight: number;
}): boolean {
  return (state === 'completed' || state === 'cancelled') && in_flight === 0;
}
