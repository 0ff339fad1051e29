/** The list that the page shows: files that are being sent, as they were chosen, and stored media, newest first. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { isTerminal } from '@media-analysis/shared/status';
import type { Media } from '../../client/index.ts';
import { type Stage, stageOf, summaryOf, type Upload } from '../../hooks/index.ts';
import { isOver, remoteSendingMs } from '../../hooks/progress.ts';
import { isLimited } from '../../hooks/uploads/list.ts';

export interface Entry {
  key: string;
  upload: Upload | undefined;
  media: Media | undefined;
  stage: Stage;
  /** Whether its place in the list is that of its turn. The server's list has the newest first, which is the last of its batch. */
  hasPlace: boolean;
  /** It is above all others, whatever their order. */
  isOnTop?: boolean;
}

type States = ReadonlyMap<string, Media>;

/**
 * What is being sent or was sent last, the latest choice on top, each batch as it was chosen; the other media of the server's list
 * where their time belongs, so that a newer one from elsewhere is above.
 * @param media Known states by id; a deleted media is absent.
 * @param order Keys and ids of what was on top before a reload or in another tab, in its order. Absent: the list has an order of its own.
 */
export function entriesOf(
  uploads: readonly Upload[],
  listedIds: readonly string[],
  media: States,
  order?: readonly string[],
): Entry[] {
  const lost = lostAnswers(uploads, media);
  // Its upload stands for it.
  const shown = new Set([...lost.values()].flatMap(({ id, isSure }) => (isSure ? [] : id)));
  const entryOf = (upload: Upload | undefined, id: string | null | undefined, hasPlace = true) => {
    const state = media.get(id ?? '');
    if (id && (shown.has(id) || !state)) return [];
    if (id) shown.add(id);
    if (upload?.announcedId) shown.add(upload.announcedId);
    const key = upload?.key ?? id ?? '';
    return [{ key, upload, media: state, stage: stageOf(upload, state), hasPlace }];
  };
  const places = new Map(order?.map((name, place) => [name, place]));
  const placeOf = ({ key, mediaId }: Upload) =>
    places.get(mediaId ?? lost.get(key)?.id ?? key) ?? places.get(key) ?? -1;
  // Otherwise a batch that counts the media would miss it until the answer is there.
  const arrivedId = ({ key, mediaId }: Upload) => {
    const id = mediaId ?? lost.get(key)?.id;
    return id && !shown.has(id) ? id : null;
  };
  // An upload stands before its media, so that it is the one that is shown.
  const top = [
    ...uploads.map((upload) => ({ upload, id: arrivedId(upload), place: placeOf(upload) })),
    ...(order ?? []).map((id, place) => ({ upload: undefined, id, place })),
  ].sort((a, b) => a.place - b.place);
  const ordered: Entry[] = top.flatMap(({ upload, id }) => entryOf(upload, id));
  const listed: Entry[] = listedIds.flatMap((id) => entryOf(undefined, id, false));
  return merge(ordered, order ? listed.sort((a, b) => timeOf(b) - timeOf(a)) : listed);
}

interface LostAnswer {
  id: string;
  /** Its bytes have arrived, and no other file of the batch has its name and size. */
  isSure: boolean;
}

/** The media that are there and whose answers were lost with the page before a reload, by the keys of their uploads. */
function lostAnswers(uploads: readonly Upload[], media: States): ReadonlyMap<string, LostAnswer> {
  const answered = new Set(uploads.map(({ mediaId }) => mediaId));
  const unanswered = new Map<string, string[]>();
  for (const { key, state, mediaId, batchId, file } of uploads) {
    if (state !== 'sending' || mediaId || !batchId) continue;
    const name = `${batchId} ${file.size} ${file.name}`;
    unanswered.set(name, [...(unanswered.get(name) ?? []), key]);
  }
  const lost = new Map<string, LostAnswer>();
  const twins = new Set([...unanswered].flatMap(([name, { length }]) => (length > 1 ? name : [])));
  if (unanswered.size === 0) return lost;
  for (const { id, batch_id, size, file_name, wait_code } of media.values()) {
    const name = `${batch_id} ${size} ${file_name}`;
    const key = !answered.has(id) && unanswered.get(name)?.shift();
    if (key) lost.set(key, { id, isSure: wait_code !== 'no_bytes' && !twins.has(name) });
  }
  return lost;
}

/** @param above Of what stands above it: what was refused or stopped has no time of its own, and stays with its batch. */
function timeOf({ media, upload }: Entry, above = 0): number {
  if (media) return Date.parse(media.created_at);
  // What is being sent is newer than all.
  return upload?.state === 'sending' ? Number.POSITIVE_INFINITY : above;
}

/** Puts those of `others` into `ordered` that are newer than all that follows there, so that a batch stays together. */
function merge(ordered: readonly Entry[], others: readonly Entry[]): Entry[] {
  let above = Number.POSITIVE_INFINITY;
  const newestFrom = ordered.map((entry) => {
    above = timeOf(entry, above);
    return above;
  });
  for (let place = newestFrom.length - 2; place >= 0; place--)
    newestFrom[place] = Math.max(newestFrom[place] ?? 0, newestFrom[place + 1] ?? 0);
  const left = [...others];
  const merged = ordered.flatMap((entry, place) => {
    const later = left.findIndex((other) => timeOf(other) <= (newestFrom[place] ?? 0));
    return [...left.splice(0, later === -1 ? left.length : later), entry];
  });
  return [...merged, ...left];
}

/** Whether it is over without a result, and another try can succeed. */
export function isRetryable({ upload, media, stage }: Entry): boolean {
  if (stage !== 'failed') return stage === 'stopped';
  const { error } = upload ?? {};
  if (!media && error && isLimited(error)) return false;
  const code = media ? media.error_code : error?.code;
  return code != null && isRetryableCode(code);
}

/** It was not accepted, and is there again after a reload, as another try can succeed. */
export const isKept = ({ upload }: Entry): boolean =>
  upload?.state === 'rejected' && !!upload.error && isRetryableCode(upload.error.code);

const hasAnswer = ({ analytics, analyses = {} }: Media) =>
  analytics !== null || Object.values(analyses).some(({ output }) => output !== null);

/** It has an answer, and its owner wants another one. A reanalysis does that to many, and has a bar of its own. */
const isAskedAgain = ({ media }: Entry) => media && media.attempts > 1 && hasAnswer(media);

/** It is stored or about to be, and nothing was made of it yet: who wants no more of its batch loses nothing with it. */
export function isWaiting({ media, stage }: Pick<Entry, 'media' | 'stage'>): boolean {
  if (!media || hasAnswer(media)) return false;
  return stage === 'waiting' || stage === 'storing' || (stage === 'analyzing' && !!media.retry_at);
}

/**
 * The batches of which something is still to be done. Another device may have sent them: it counts what is done, too. What is
 * tried again is one by itself.
 */
export const openBatches = (media: Iterable<Media>): ReadonlySet<string | undefined> =>
  new Set(
    [...media].flatMap((each) =>
      each.batch_id && each.attempts === 1 && !isTerminal(each.status) && !isLeft(each)
        ? each.batch_id
        : [],
    ),
  );

/** Nobody may be sending it any more: the batch would not end for a day. */
const isLeft = (media: Media) => media.wait_code === 'no_bytes' && remoteSendingMs(media) === 0;

const isLeftElsewhere = ({ upload, media }: Entry) => !upload && media && isLeft(media);

/** Nothing more happens to it, as far as is known here. */
export const hasEnded = (entry: Entry) => isOver(entry) || isLeftElsewhere(entry);

/** The entries that count in the overall bar. */
export interface Batch {
  /** Keys of entries, and ids of media. */
  members: ReadonlySet<string>;
  /** Uploads that belonged to this batch or an earlier one. */
  counted: ReadonlySet<string>;
  /** It is that of the page before a reload, and had not ended: what this page goes on sending belongs to it. */
  isResumed?: boolean;
}

const NONE: ReadonlySet<string> = new Set();
export const EMPTY_BATCH: Batch = { members: NONE, counted: NONE };

export const isIn = (names: ReadonlySet<string>, { key, media }: Entry) =>
  names.has(key) || (media !== undefined && names.has(media.id));

export const isMember = ({ members }: Batch, entry: Entry) => isIn(members, entry);

/**
 * A batch starts with an unfinished entry and ends when all its entries have ended. An ended entry stays in
 * it, and a new entry joins. A file that is refused at once belongs to it too.
 * @param shared Keys and ids of the batch of another tab.
 * @returns the same object if no entry joined
 */
export function nextBatch(
  batch: Batch,
  entries: readonly Entry[],
  shared: ReadonlySet<string> = NONE,
): Batch {
  const { counted, isResumed } = batch;
  const open = openBatches(entries.flatMap(({ media }) => media ?? []));
  const joins = entries.filter((entry) => {
    const { key, upload, media } = entry;
    const isNew = upload && !upload.isElsewhere && !counted.has(key);
    const isOpen = !isOver(entry) || open.has(media?.batch_id);
    const isMeant = isOpen && !isAskedAgain(entry) && !isLeftElsewhere(entry);
    return isNew || isMeant || isIn(shared, entry);
  });
  // A file stays a member when only its media is left.
  const ids = entries.flatMap((entry) => (isMember(batch, entry) && entry.media?.id) || []);
  const isComplete = ids.every((id) => batch.members.has(id));
  const members = isComplete ? batch.members : new Set([...batch.members, ...ids]);
  if (joins.every((entry) => isIn(members, entry)))
    return isResumed || !isComplete ? { members, counted } : batch;
  const wasOver = !isResumed && entries.every((entry) => !isIn(members, entry) || hasEnded(entry));
  const keys = joins.map(({ key }) => key);
  return {
    members: new Set([...(wasOver ? [] : members), ...keys]),
    counted: new Set([...counted, ...keys]),
  };
}

/** @param unknown How many more members there are, whose states are not known yet. */
export const summarize = (batch: Batch, entries: readonly Entry[], unknown = 0) =>
  summaryOf(
    entries.filter((entry) => isMember(batch, entry) && !isLeftElsewhere(entry)),
    unknown,
  );
