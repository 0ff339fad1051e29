/**
 * Erases or exports everything of one owner, for the operator's command `npm run owner`. Both can be run again: they go on
 * with what is left. What they cannot reach is in `docs/owner-data.md`.
 */
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { DocumentReference, Firestore, Query } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { CollectionName } from '../../core/media/collections.ts';
import type { Moments, Rendition } from '../../core/media/moments.ts';
import { readOwnedPage } from '../../core/media/owned-media.ts';
import { ownerHash } from '../../core/media/owner-hash.ts';
import { type MediaRecord, refuseNewer } from '../../core/media/record.ts';
import { type RemovalDeps, removeMedia } from '../../core/media/remove.ts';
import { toMedia } from '../../core/media/view.ts';
import type { Range } from '../../storage/download.ts';
import { framesName } from '../../storage/objects.ts';
import type { Bin, BinRecord } from '../bin/bin.ts';
import { eraseBinned } from '../bin/erase-binned.ts';
import { type ImportRecord, toImport } from '../imports/record.ts';
import { type ReanalysisRecord, toReanalysis } from '../reanalyses/record.ts';
import type { EarlierResults } from '../results/earlier-results.ts';
import { dayOf } from '../spend/usage.ts';

export interface OwnerDeps extends RemovalDeps {
  firestore: Firestore;
  bin: Bin;
  results: EarlierResults;
  moments: Moments;
}

const PAGE = 100;
const AT_A_TIME = 8;
const DAY_MS = 24 * 3_600 * 1_000;
/** Records are kept for 800 days at most (`usage.ts`). */
const MONTHS = 28;
const CHUNK_BYTES = 8 * 1024 * 1024;

/** Records named `<day or month>-<hash of the owner>`. */
const BY_DAY: CollectionName[] = ['daily_uploads', 'daily_spend'];
const RUNS: CollectionName = 'reanalyses';
const IMPORTS: CollectionName = 'imports';
/** With the id of the owner in them. */
const NAMING: CollectionName[] = ['webhooks', 'webhook_deliveries'];
const BY_MONTH: CollectionName[] = ['removed_usage'];
/** Records named by the hash alone. */
const BY_OWNER: CollectionName[] = ['hourly_quotes'];

/**
 * Removes the owner's media as `DELETE /api/media/{id}?permanently=true` does, those in the bin, and every other record about
 * the owner.
 * @param onProgress Gets the number of media that are removed so far.
 * @returns how many media were removed
 * @throws {AppError} `unavailable` if a media cannot be removed now: run it again
 * @example await eraseOwner('alice', deps, (removed) => console.log(removed));
 */
export async function eraseOwner(
  ownerId: string,
  deps: OwnerDeps,
  onProgress: (removed: number) => void = () => undefined,
): Promise<number> {
  let removed = 0;
  // First, so that none of them asks about a media that is about to be removed, or brings new ones in.
  for (const name of [RUNS, IMPORTS]) {
    await removeFound(deps.firestore.collection(name).where('owner_id', '==', ownerId), deps);
  }
  for (;;) {
    // Always the first page: what is removed is in no list any more.
    const { records } = await readOwnedPage(deps.firestore, ownerId, PAGE);
    if (records.length === 0) break;
    await eachOf(records, async (record) => {
      // No receipt is kept: the record of an owner's spending is removed too, and all receipts would be writes to one document.
      await removeMedia(record, deps, 'owner').catch(ignoreMissing);
      removed++;
    });
    onProgress(removed);
  }
  for (;;) {
    const binned = await deps.bin.ofOwner(ownerId, PAGE);
    if (binned.length === 0) break;
    const ids = binned.map(({ id }) => id);
    // From here on the owner brings none of them back.
    await deps.bin.put(ids, ownerId, { permanently: true });
    await eachOf(binned, async (record) => {
      refuseNewer(record);
      await eraseBinned(record, deps);
      removed++;
    });
    onProgress(removed);
  }
  await removeRecords(ownerId, deps);
  return removed;
}

/** A stored file that could not be exported. */
export interface MissingFile {
  id: string;
  file_name: string;
  why: string;
}

/**
 * Writes `media.json` (each media as the API shows it, those in the bin, and the files that are missing) and the files to a
 * folder. A file is named by the id of its media. A file that cannot be read does not stop the others. One that is held back is left out: else
 * the operator would hand out what the API does not serve.
 * @returns how many media there are with those in the bin, how many of them have no stored bytes or are held back, and whose bytes could not be
 *   read
 */
export async function exportOwner(
  ownerId: string,
  folder: string,
  deps: OwnerDeps,
  onProgress: (written: number) => void = () => undefined,
): Promise<{ media: number; withoutBytes: number; held: number; missing: MissingFile[] }> {
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  const all: MediaRecord[] = [];
  const reasons = new Map<string, string>();
  let withoutBytes = 0;
  let held = 0;
  const binned = await allBinned(ownerId, deps);
  const save = (records: readonly MediaRecord[]) =>
    eachOf(records, async (record) => {
      const { id, object } = record;
      if (object === null) {
        withoutBytes++;
        return;
      }
      if (!mayBeServed(record, 'original', deps)) {
        held++;
        return;
      }
      const why =
        (await saveFile(record, object, files, deps)) ??
        (mayBeServed(record, 'frames', deps) ? await saveFrames(record, files, deps) : undefined);
      if (why !== undefined) reasons.set(id, why);
    });
  let token: string | undefined;
  do {
    const { records, nextPageToken } = await readOwnedPage(deps.firestore, ownerId, PAGE, token);
    await save(records);
    all.push(...records);
    onProgress(all.length);
    token = nextPageToken;
  } while (token !== undefined);
  await save(binned);
  // In the order of the media, whichever was read first.
  const missing = [...all, ...binned].flatMap(({ id, file_name }): MissingFile[] => {
    const why = reasons.get(id);
    return why === undefined ? [] : [{ id, file_name, why }];
  });
  const shown = await inOrder(all, (record) => shownWhole(record, deps));
  const bin = await inOrder(binned, async (record) => ({
    ...(await shownWhole(record, deps)),
    erase_at: record.erase_at.toDate().toISOString(),
  }));
  const runs = await deps.firestore.collection(RUNS).where('owner_id', '==', ownerId).get();
  const reanalyses = runs.docs.map((doc) => toReanalysis(doc.data() as ReanalysisRecord));
  const found = await deps.firestore.collection(IMPORTS).where('owner_id', '==', ownerId).get();
  const imports = found.docs.map((doc) => toImport(doc.data() as ImportRecord));
  const exported = { owner_id: ownerId, media: shown, bin, reanalyses, imports, missing };
  await writeFile(join(folder, 'media.json'), `${JSON.stringify(exported, undefined, 2)}\n`);
  return { media: all.length + binned.length, withoutBytes, held, missing };
}

function mayBeServed(record: MediaRecord, which: Rendition, { moments }: OwnerDeps): boolean {
  try {
    moments.serving(record, which);
    return true;
  } catch {
    return false;
  }
}

async function shownWhole(record: MediaRecord, deps: OwnerDeps) {
  const shown = toMedia(record, deps.moments);
  if (!mayBeServed(record, 'original', deps)) return shown;
  const earlier_results = await deps.results.list(record.id);
  return { ...shown, ...(earlier_results.length > 0 && { earlier_results }) };
}

/** What the owner can bring back. */
async function allBinned(ownerId: string, { bin }: OwnerDeps): Promise<BinRecord[]> {
  const all: BinRecord[] = [];
  let token: string | undefined;
  do {
    const { records, nextPageToken } = await bin.list(ownerId, PAGE, token);
    all.push(...records);
    token = nextPageToken;
  } while (token !== undefined);
  return all;
}

/** @returns why the bytes could not be read; undefined if the file is there. @throws if the folder cannot be written */
async function saveFile(
  { id, size, file_name }: MediaRecord,
  object: string,
  folder: string,
  { objects }: OwnerDeps,
): Promise<string | undefined> {
  const extension = /^\.[A-Za-z0-9]{1,8}$/.exec(extname(file_name))?.[0] ?? '';
  const path = join(folder, `${id}${extension}`);
  // An earlier run has written it whole.
  if ((await stat(path).catch(() => undefined))?.size === size) return undefined;
  const part = `${path}.part`;
  const why = await writeParts(part, size, (range) => objects.readMediaPart(object, range));
  await (why === undefined ? rename(part, path) : rm(part));
  return why;
}

/** The frames that a sender has sent beside a video are as much theirs as the video. @returns as `saveFile` */
async function saveFrames(
  { id, frames }: MediaRecord,
  folder: string,
  { objects }: OwnerDeps,
): Promise<string | undefined> {
  let start = 0;
  for (const [n, { size }] of (frames?.list ?? []).entries()) {
    const range = { start, end: start + size };
    start += size;
    const part = await objects.readMediaPart(framesName(id), range).catch((error: Error) => error);
    if (part instanceof Error) return `Its frames cannot be read: ${part.message}`;
    if (!part) return 'Its frames are not in the bucket any more.';
    await writeFile(join(folder, `${id}-frame-${n + 1}.jpg`), part.bytes);
  }
  return undefined;
}

async function writeParts(
  path: string,
  size: number,
  read: (range: Range) => ReturnType<OwnerDeps['objects']['readMediaPart']>,
): Promise<string | undefined> {
  await using file = await open(path, 'w');
  for (let start = 0; start < size; start += CHUNK_BYTES) {
    const range = { start, end: Math.min(size, start + CHUNK_BYTES) };
    const part = await read(range).catch((error: Error) => error);
    if (part instanceof Error) return `It cannot be read: ${part.message}`;
    if (!part) return 'It is not in the bucket any more.';
    await file.write(part.bytes, 0, part.bytes.length, start);
  }
  return undefined;
}

async function removeRecords(ownerId: string, { firestore, now }: OwnerDeps): Promise<void> {
  const hash = ownerHash(ownerId);
  // A request that runs past midnight may write to the day that follows.
  const days = [-1, 0, 1, 2, 3].map((ago) => dayOf(now() - ago * DAY_MS));
  const months = new Set(Array.from({ length: MONTHS }, (_, ago) => monthBefore(now(), ago)));
  const named = [
    ...BY_DAY.flatMap((name) =>
      days.map((day) => firestore.collection(name).doc(`${day}-${hash}`)),
    ),
    ...BY_MONTH.flatMap((name) =>
      [...months].map((month) => firestore.collection(name).doc(`${month}-${hash}`)),
    ),
    ...BY_OWNER.map((name) => firestore.collection(name).doc(hash)),
  ];
  await removeAll(firestore, named);
  for (const name of NAMING) {
    await removeFound(firestore.collection(name).where('owner_id', '==', ownerId), { firestore });
  }
  const requests: CollectionName = 'idempotency';
  const results: CollectionName = 'earlier_results';
  for (const name of [requests, results]) {
    await removeFound(firestore.collection(name).where('owner_hash', '==', hash), { firestore });
  }
}

async function removeFound(
  query: Query,
  { firestore }: Pick<OwnerDeps, 'firestore'>,
): Promise<void> {
  for (;;) {
    const { docs } = await query.limit(PAGE).get();
    if (docs.length === 0) return;
    await removeAll(
      firestore,
      docs.map(({ ref }) => ref),
    );
  }
}

async function removeAll(firestore: Firestore, refs: DocumentReference[]): Promise<void> {
  const batch = firestore.batch();
  for (const ref of refs) batch.delete(ref);
  await batch.commit();
}

function monthBefore(ms: number, months: number): string {
  const date = new Date(ms);
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1)).slice(0, 7);
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

/** Like `Promise.all`, a few at a time. */
async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_A_TIME) {
    results.push(...(await Promise.all(items.slice(start, start + AT_A_TIME).map(work))));
  }
  return results;
}

/** Another request has removed it meanwhile. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'not_found')) throw error;
}
