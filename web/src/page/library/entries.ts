/** The list that the page shows: files being sent, in the order of choice, and stored media, newest first. */
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
  /** Whether it stands where its turn is. The server lists the newest first, which is the last of its batch. */
  hasPlace: boolean;
  /** Whether it stands above all others, in any order. */
  isOnTop?: boolean;
}

type States = ReadonlyMap<string, Media>;

/**
 * Files that are being sent or were sent last, the latest choice on top, each batch in the order of choice. Other media
 * of the server's list stand where their time belongs: a newer one from elsewhere is above.
 * @param media Known states by id, without deleted media.
 * @param order Keys and ids on top before a reload or in another tab, in that order. Undefined: the list's own order.
 */
export function entriesOf(
  uploads: readonly Upload[],
  listedIds: readonly string[],
  media: States,
  order?: readonly string[],
): Entry[] {
  const lost = lostAnswers(uploads, media);
  // The upload is shown in place of this media.
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
  // Without this, a batch that counts the media would miss it until the answer comes.
  const arrivedId = ({ key, mediaId }: Upload) => {
    const id = mediaId ?? lost.get(key)?.id;
    return id && !shown.has(id) ? id : null;
  };
  // An upload comes before its media, so that the upload is shown.
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
  /** Whether its bytes have arrived, and no other file of the batch has its name and size. */
  isSure: boolean;
}

/** The media whose answers were lost in a reload, by the keys of their uploads. */
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

/** @param above Time of the entry above: a refused or stopped file has no time, and stays with its batch. */
function timeOf({ media, upload }: Entry, above = 0): number {
  if (media) return Date.parse(media.created_at);
  // A file being sent is newer than all others.
  return upload?.state === 'sending' ? Number.POSITIVE_INFINITY : above;
}

/** Inserts each of `others` where it is newer than all that follows in `ordered`, so that a batch stays together. */
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

/** Whether it ended without a result, and another try can succeed. */
export function isRetryable({ upload, media, stage }: Entry): boolean {
  if (stage !== 'failed') return stage === 'stopped';
  const { error } = upload ?? {};
  if (!media && error && isLimited(error)) return false;
  const code = media ? media.error_code : error?.code;
  return code != null && isRetryableCode(code);
}

/** Whether a file that was not accepted is there again after a reload, as another try can succeed. */
export const isKept = ({ upload }: Entry): boolean =>
  upload?.state === 'stopped' ||
  (upload?.state === 'rejected' && !!upload.error && isRetryableCode(upload.error.code));

const hasAnswer = ({ analytics, analyses = {} }: Media) =>
  analytics !== null || Object.values(analyses).some(({ output }) => output !== null);

/** Whether its owner wants another answer. A reanalysis asks so for many media, and has its own bar. */
const isAskedAgain = ({ media }: Entry) => media && media.attempts > 1 && hasAnswer(media);

/** Whether it is stored or about to be, and has no result yet: cancelling the rest of its batch loses nothing. */
export function isWaiting({ media, stage }: Pick<Entry, 'media' | 'stage'>): boolean {
  if (!media || hasAnswer(media)) return false;
  return stage === 'waiting' || stage === 'storing' || (stage === 'analyzing' && !!media.retry_at);
}

/**
 * The batches with unfinished media. Another device may have sent them: what is done counts too. A media that is tried
 * again does not count.
 */
export const openBatches = (media: Iterable<Media>): ReadonlySet<string | undefined> =>
  new Set(
    [...media].flatMap((each) =>
      each.batch_id && each.attempts === 1 && !isTerminal(each.status) && !isLeft(each)
        ? each.batch_id
        : [],
    ),
  );

/** Whether nobody may be sending it any more: its batch would not end for a day. */
const isLeft = (media: Media) => media.wait_code === 'no_bytes' && remoteSendingMs(media) === 0;

const isLeftElsewhere = ({ upload, media }: Entry) => !upload && media && isLeft(media);

/** Whether nothing more happens to it, as far as this page knows. */
export const hasEnded = (entry: Entry) => isOver(entry) || isLeftElsewhere(entry);

/** The entries that count in the overall bar. */
export interface Batch {
  /** Keys of entries, and ids of media. */
  members: ReadonlySet<string>;
  /** Uploads that belonged to this batch or an earlier one. */
  counted: ReadonlySet<string>;
  /** Whether it is an unfinished batch from before a reload: the files that this page goes on sending belong to it. */
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
