/** How fast the files of a batch come to their results, by the times of the server: all tabs know the same of it, and so does a reload. */
import { isTerminal } from '@media-analysis/shared/status';
import type { Media } from '../../client/index.ts';

export interface Pace {
  /** Since the batch began, without its breaks, in seconds. */
  passed: number;
  /** From one result to the next. */
  secondsEach: number;
}

/** Results come in groups, as many as are analysed side by side. One group says nothing of the next. */
const WINDOW_MS = 60_000;
const LEAST_IN_WINDOW = 10;
/** Fewer results say nothing. */
const LEAST_RESULTS = 3;
const LEAST_MS = 5_000;
/** After so long with neither a start nor a result, what starts was left until then, e.g. by the limit of a day. */
const BREAK_MS = 10 * 60_000;

/** @returns null as long as too few results are there */
export function paceOf(media: readonly Media[]): Pace | null {
  const timeOf = ({ updated_at }: Media) => Date.parse(updated_at);
  // What is tried again was made long before the batch.
  const begins = media.flatMap((each) => (each.attempts > 1 ? [] : Date.parse(each.created_at)));
  const allEnds = media.filter(({ status }) => isTerminal(status)).map(timeOf);
  const worked = withoutBreaks(begins, allEnds);
  const ends = allEnds.map(worked).sort((a, b) => a - b);
  const begun = Math.min(...begins, ...allEnds);
  // Those that are being analysed tell of it every few seconds. The clock of this machine may be another one.
  const now = worked(Math.max(...media.map(timeOf)));
  const isRecent = (at: number) => at > now - WINDOW_MS;
  const recent = Math.max(ends.filter(isRecent).length, LEAST_IN_WINDOW);
  const [before, passed] = [ends.at(-recent - 1) ?? begun, now - begun];
  if (ends.length < LEAST_RESULTS || passed < LEAST_MS) return null;
  const results = Math.min(recent, ends.length);
  return { passed: passed / 1_000, secondsEach: (now - before) / 1_000 / results };
}

/** @returns what makes times as early as if there had been no break */
function withoutBreaks(begins: readonly number[], ends: readonly number[]) {
  const times = [...begins, ...ends].sort((a, b) => a - b);
  const breaks = times.flatMap((at, place) => {
    const ms = at - (times[place - 1] ?? at);
    // A result that comes late was long worked on.
    return ms > BREAK_MS && begins.includes(at) ? { at, ms } : [];
  });
  return (time: number) => breaks.reduce((sum, { at, ms }) => (at <= time ? sum - ms : sum), time);
}
