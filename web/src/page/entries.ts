/** The list that the page shows: files that are being sent, as they were chosen, and stored media, newest first. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import type { Media } from '../client/index.ts';
import { type BatchSummary, type Stage, stageOf, summaryOf, type Upload } from '../hooks/index.ts';
import { isOver } from '../hooks/progress.ts';

export interface Entry {
  key: string;
  upload: Upload | undefined;
  media: Media | undefined;
  stage: Stage;
  /** Whether its place in the list is that of its turn. The server's list has the newest first, which is the last of its batch. */
  hasPlace: boolean;
}

/**
 * First the uploads, the latest choice on top, then the batch of before a reload, then the other media of the server's list.
 * @param media Known states by id; a deleted media is absent.
 * @param earlier Ids of that batch, in its order.
 */
export function entriesOf(
  uploads: readonly Upload[],
  listedIds: readonly string[],
  media: ReadonlyMap<string, Media>,
  earlier: readonly string[] = [],
): Entry[] {
  const entries: Entry[] = [];
  const shown = new Set<string>();
  const add = (
    key: string,
    upload: Upload | undefined,
    id: string | null | undefined,
    hasPlace = true,
  ) => {
    const state = media.get(id ?? '');
    if (id && (shown.has(id) || !state)) return;
    if (id) shown.add(id);
    if (upload?.announcedId) shown.add(upload.announcedId);
    entries.push({ key, upload, media: state, stage: stageOf(upload, state), hasPlace });
  };
  for (const upload of uploads) add(upload.key, upload, upload.mediaId);
  for (const id of earlier) add(id, undefined, id);
  for (const id of listedIds) add(id, undefined, id, false);
  return entries;
}

/** Whether it is over without a result, and another try can succeed. */
export function isRetryable({ upload, media, stage }: Entry): boolean {
  if (stage === 'stopped') return true;
  if (stage !== 'failed') return false;
  const code = media ? media.error_code : upload?.error?.code;
  return code != null && isRetryableCode(code);
}

/** It has an answer, and its owner wants another one. A reanalysis does that to many, and has a bar of its own. */
function isAskedAgain({ media }: Entry): boolean {
  if (!media || media.attempts === 1) return false;
  const { analytics, analyses = {} } = media;
  return analytics !== null || Object.values(analyses).some(({ output }) => output !== null);
}

/** Nobody may be sending it any more: the batch would not end for a day. */
const isLeftElsewhere = ({ upload, stage }: Entry) => stage === 'missing' && !upload;

/** The entries that count in the overall bar, by key. */
export interface Batch {
  members: ReadonlySet<string>;
  /** Uploads that belonged to this batch or an earlier one. */
  counted: ReadonlySet<string>;
  /** It is that of the page before a reload, and had not ended: what this page goes on sending belongs to it. */
  isResumed?: boolean;
}

export const EMPTY_BATCH: Batch = { members: new Set(), counted: new Set() };

/**
 * A batch starts with an unfinished entry and ends when all its entries have ended. An ended entry stays in
 * it, and a new entry joins. A file that is refused at once belongs to it too.
 * @returns the same object if no entry joined
 */
export function nextBatch(batch: Batch, entries: readonly Entry[]): Batch {
  const { members, counted, isResumed } = batch;
  const joins = entries.filter(
    (entry) =>
      (!isOver(entry) && !isAskedAgain(entry) && !isLeftElsewhere(entry)) ||
      (entry.upload && !counted.has(entry.key)),
  );
  if (joins.every(({ key }) => members.has(key))) return isResumed ? { members, counted } : batch;
  const wasOver = !isResumed && entries.every((entry) => !members.has(entry.key) || isOver(entry));
  return {
    members: new Set([...(wasOver ? [] : members), ...joins.map(({ key }) => key)]),
    counted: new Set([...counted, ...joins.map(({ key }) => key)]),
  };
}

/** @param unknown How many more members there are, whose states are not known yet. */
export const summarize = (
  { members }: Batch,
  entries: readonly Entry[],
  unknown = 0,
): BatchSummary =>
  summaryOf(
    entries.filter(({ key }) => members.has(key)),
    unknown,
  );
