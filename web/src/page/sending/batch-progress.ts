/**
 * How far a batch is, and how long it still takes. A file that has ended counts 1, any other one as much as
 * `overallProgress` says, and the bar begins as their mean. `localStorage` keeps what the bar has shown, so neither a
 * reload nor another tab takes it back: it stands still until the same files are further. When files have joined or
 * were removed, the rest of the bar stands for the rest of the work.
 *
 * The time left follows the last results, by the times of the server, and the bytes that this browser still has to
 * send. It is a range. A range that was shown stays, and only gets nearer, until the measurement leaves it.
 */
import { useEffect } from 'react';
import type { Media } from '../../client/index.ts';
import type { AnalyzeMedia, BatchSummary, TimeLeft, Upload } from '../../hooks/index.ts';
import { readList, writeList } from '../library/remembered-list.ts';

/** What the bar has shown. The times are milliseconds by the clock of this machine; 0 if no time is shown. */
export interface Shown extends TimeLeft {
  total: number;
  /** The mean progress of the files when the bar moved last. */
  share: number;
  progress: number;
}

/** Results come in groups, as large as the number of parallel analyses. One group says nothing of the next. */
const WINDOW_MS = 60_000;
const LEAST_IN_WINDOW = 10;
/** Below these there is no estimate. */
const LEAST_RESULTS = 3;
const LEAST_MS = 5_000;
const LEAST_ERROR = 0.25;
/** The usual times of a result, with several files in parallel, and of one file, in seconds. */
const USUAL_S = { each: 1, one: 5 };
/** A wider range says too little. */
const WIDEST = 2;

/**
 * @param media those of the batch
 * @param left how many have not ended
 * @param sendingLeft seconds; null: nothing is being sent; undefined: unknown, and so is the time of the batch
 */
export function measure(
  media: readonly Media[],
  left: number,
  sendingLeft: number | null | undefined,
): TimeLeft | null {
  if (sendingLeft === undefined) return null;
  const work = workLeft(media, left);
  if (sendingLeft === null) return work;
  // A short time to send many files says nothing of the work on them.
  if (!work && left * USUAL_S.each > sendingLeft) return null;
  const { from, to } = around(sendingLeft, LEAST_ERROR);
  return {
    from: Math.max(from, work?.from ?? 0),
    to: Math.max(to + 2 * USUAL_S.one, work?.to ?? 0),
  };
}

function workLeft(media: readonly Media[], left: number): TimeLeft | null {
  const timeOf = ({ updated_at }: Media) => Date.parse(updated_at);
  // Failures come sooner than results, so they do not count.
  const ends = media.filter(({ status }) => status === 'completed').map(timeOf);
  ends.sort((a, b) => a - b);
  // A media that is tried again was created long before the batch.
  const begins = media.flatMap((each) => (each.attempts > 1 ? [] : Date.parse(each.created_at)));
  const begun = Math.min(...begins, ...ends);
  // Media that are being analysed change every few seconds. The clock of this machine may be another one.
  const now = Math.max(...media.map(timeOf));
  const recent = ends.filter((at) => at > now - WINDOW_MS).length;
  const results = Math.min(Math.max(recent, LEAST_IN_WINDOW), ends.length);
  if (results < LEAST_RESULTS || now - begun < LEAST_MS) return null;
  const seconds = (now - (ends.at(-results - 1) ?? begun)) / 1_000;
  const error = Math.max(LEAST_ERROR, 1 / Math.sqrt(results));
  return around((seconds / results) * left, error);
}

const around = (seconds: number, error: number): TimeLeft => ({
  from: seconds / (1 + error),
  to: seconds * (1 + error),
});

/** @param before undefined at the beginning of a batch */
export function advance(
  before: Shown | undefined,
  { total, progress: mean }: BatchSummary,
  measured: TimeLeft | null,
  now: number,
): Shown {
  const isSame = before?.total === total;
  const told = isSame ? before : { from: 0, to: 0 };
  const ends = measured && { from: now + measured.from * 1_000, to: now + measured.to * 1_000 };
  const { from, to } = !ends || isTold(told, ends, now) ? told : ends;
  const shown = { total, from, to };
  if (!isSame) return { ...shown, share: mean, progress: Math.max(mean, before?.progress ?? 0) };
  const { share, progress } = before;
  if (mean <= share) return { ...shown, share, progress };
  return { ...shown, share: mean, progress: 1 - ((1 - progress) * (1 - mean)) / (1 - share) };
}

function isTold(told: TimeLeft, ends: TimeLeft, now: number): boolean {
  const middle = now + Math.sqrt((ends.from - now) * (ends.to - now));
  const isNarrow = told.to - now <= WIDEST * (told.from - now);
  return isNarrow && told.from <= middle && middle <= told.to;
}

/**
 * @param owner whose batch it is
 * @param isKnown false while not all files of the batch are known: then nothing changes
 * @returns the progress from 0 to 1, which never falls during a batch; and the time left, if it is known
 */
export function useBatchProgress(
  owner: string | undefined,
  batch: BatchSummary,
  media: readonly Media[],
  { secondsLeft, uploads }: Pick<AnalyzeMedia, 'secondsLeft' | 'uploads'>,
  isKnown: boolean,
): { progress: number; timeLeft: TimeLeft | null } {
  const name = `media-analysis-bar ${owner ?? ''}`;
  const before = read(readList(name));
  const now = Date.now();
  const left = batch.total - batch.ready - batch.failed;
  const sendingLeft = secondsLeft ?? (uploads.some(isBeingSent) ? undefined : null);
  const isMoving = isKnown && left > 0;
  const shown = isMoving ? advance(before, batch, measure(media, left, sendingLeft), now) : before;
  const text = shown && (left > 0 || !isKnown) ? write(shown) : '';
  useEffect(() => writeList(name, text === '' ? [] : text.split(',')), [name, text]);
  if (left === 0) return { progress: batch.progress, timeLeft: null };
  const { progress = 0, from = 0, to = 0 } = shown ?? {};
  const timeLeft = { from: Math.max(0, from - now) / 1_000, to: (to - now) / 1_000 };
  return { progress, timeLeft: timeLeft.to > 0 ? timeLeft : null };
}

const isBeingSent = ({ state, file, sent }: Upload) => state === 'sending' && sent < file.size;

const write = ({ total, share, progress, from, to }: Shown) =>
  [total, share, progress, from, to].join();

function read(texts: readonly string[]): Shown | undefined {
  const [total = 0, share = 0, progress = 0, from = 0, to = 0] = texts.map(Number);
  return total > 0 ? { total, share, progress, from, to } : undefined;
}
