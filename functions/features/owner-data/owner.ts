/**
 * Erases or exports everything of one owner, for the operators' command `npm run owner`. If it breaks off, run it again: it goes on
 * with the rest. `docs/owner-data.md` says what it cannot reach.
 */
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { DocumentReference, Firestore, Query } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { Moments, OwnedRecords, Rendition } from '../../core/media/moments.ts';
import { readOwnedPage } from '../../core/media/owned-media.ts';
import { ownerHash } from '../../core/media/owner-hash.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import { type RemovalDeps, removeMedia } from '../../core/media/remove.ts';
import { toMedia } from '../../core/media/view.ts';
import type { Range } from '../../storage/download.ts';
import { framesName } from '../../storage/objects.ts';

export interface OwnerDeps extends RemovalDeps {
  firestore: Firestore;
  moments: Moments;
}

const PAGE = 100;
const AT_A_TIME = 8;
const DAY_MS = 24 * 3_600 * 1_000;
/** Receipts are kept for 800 days at most (`usage.ts`). */
const MONTHS = 28;
const CHUNK_BYTES = 8 * 1024 * 1024;

/** The core's records about an owner. */
const RECORDS: readonly OwnedRecords[] = [
  { collection: 'daily_uploads', by: 'day' },
  { collection: 'idempotency', by: 'owner_hash' },
];

/**
 * Removes the owner's media as `DELETE /api/media/{id}?permanently=true` does, the bin, and every other record about the owner.
 * @param onProgress Gets the number of removed media so far.
 * @returns the number of removed media
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
  const records = recordsOf(deps);
  for (const each of records) if (each.isWork) await removeRecords(each, ownerId, deps);
  for (;;) {
    // Always the first page: what is removed is in no list any more.
    const page = await readOwnedPage(deps.firestore, ownerId, PAGE);
    if (page.records.length === 0) break;
    await eachOf(page.records, async (record) => {
      // No receipt is kept: the record of an owner's spending is removed too, and all receipts would be writes to one document.
      await removeMedia(record, deps, 'owner').catch(ignoreMissing);
      removed++;
    });
    onProgress(removed);
  }
  for (const { setAside } of deps.moments.ownerData) {
    for (;;) {
      const erased = (await setAside?.erase(ownerId)) ?? 0;
      if (erased === 0) break;
      removed += erased;
      onProgress(removed);
    }
  }
  for (const each of records) await removeRecords(each, ownerId, deps);
  return removed;
}

export interface MissingFile {
  id: string;
  file_name: string;
  why: string;
}

/**
 * Writes the files, named by the id of their media, and `media.json` to a folder. The JSON has each media as the API shows it, the
 * bin, and the missing files. A file that cannot be read does not stop the others. Withheld files are left out: otherwise the operator
 * would hand out what the API does not serve.
 * @returns `media` includes the bin; `missing` names the files that could not be read
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
  const aside = await inOrder(
    deps.moments.ownerData.flatMap(({ setAside }) => setAside ?? []),
    async ({ place, list }) => ({ place, media: await list(ownerId) }),
  );
  const others = aside.flatMap(({ media }) => media.map(({ record }) => record));
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
  await save(others);
  // In the order of the media, whichever was read first.
  const missing = [...all, ...others].flatMap(({ id, file_name }): MissingFile[] => {
    const why = reasons.get(id);
    return why === undefined ? [] : [{ id, file_name, why }];
  });
  const shown = await inOrder(all, (record) => fullView(record, deps));
  const exported: Record<string, unknown> = { owner_id: ownerId, media: shown };
  for (const { place, media } of aside) {
    exported[place] = await inOrder(media, async ({ record, told }) => ({
      ...(await fullView(record, deps)),
      ...told,
    }));
  }
  for (const { collection, show } of recordsOf(deps)) {
    if (!show) continue;
    const found = deps.firestore.collection(collection).where('owner_id', '==', ownerId);
    exported[collection] = (await found.get()).docs.map((doc) => show(doc.data()));
  }
  exported.missing = missing;
  await writeFile(join(folder, 'media.json'), `${JSON.stringify(exported, undefined, 2)}\n`);
  return { media: all.length + others.length, withoutBytes, held, missing };
}

function mayBeServed(record: MediaRecord, which: Rendition, { moments }: OwnerDeps): boolean {
  try {
    moments.serving(record, which);
    return true;
  } catch {
    return false;
  }
}

async function fullView(record: MediaRecord, deps: OwnerDeps) {
  const shown = toMedia(record, deps.moments);
  if (!mayBeServed(record, 'original', deps)) return shown;
  const told = await inOrder(deps.moments.ownerData, async (each) => each.ofMedia?.(record));
  return Object.assign({}, shown, ...told);
}

function recordsOf({ moments }: OwnerDeps): OwnedRecords[] {
  return [...RECORDS, ...moments.ownerData.flatMap(({ records }) => records ?? [])];
}

/** @returns why the bytes could not be read; undefined on success @throws if the folder cannot be written */
async function saveFile(
  { id, size, file_name }: MediaRecord,
  object: string,
  folder: string,
  { objects }: OwnerDeps,
): Promise<string | undefined> {
  const extension = /^\.[A-Za-z0-9]{1,8}$/.exec(extname(file_name))?.[0] ?? '';
  const path = join(folder, `${id}${extension}`);
  // An earlier run has written the whole file.
  if ((await stat(path).catch(() => undefined))?.size === size) return undefined;
  const part = `${path}.part`;
  const why = await writeParts(part, size, (range) => objects.readMediaPart(object, range));
  await (why === undefined ? rename(part, path) : rm(part));
  return why;
}

/** The frames that came with a video belong to the owner too. @returns as `saveFile` */
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

async function removeRecords(
  { collection, by }: OwnedRecords,
  ownerId: string,
  { firestore, now }: OwnerDeps,
): Promise<void> {
  const all = firestore.collection(collection);
  const hash = ownerHash(ownerId);
  const named = (names: readonly string[]) =>
    removeAll(
      firestore,
      names.map((name) => all.doc(name)),
    );
  switch (by) {
    case 'owner_id':
      return removeFound(all.where('owner_id', '==', ownerId), { firestore });
    case 'owner_hash':
      return removeFound(all.where('owner_hash', '==', hash), { firestore });
    case 'day':
      // A request that runs past midnight may write to the day that follows.
      return named([-1, 0, 1, 2, 3].map((ago) => `${dayOf(now() - ago * DAY_MS)}-${hash}`));
    case 'month': {
      const months = new Set(Array.from({ length: MONTHS }, (_, ago) => monthBefore(now(), ago)));
      return named([...months].map((month) => `${month}-${hash}`));
    }
    case 'name':
      return named([hash]);
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

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

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

/** Like `Promise.all`, but a few at a time. */
async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_A_TIME) {
    results.push(...(await Promise.all(items.slice(start, start + AT_A_TIME).map(work))));
  }
  return results;
}

/** Another request has removed the media in the meantime. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'not_found')) throw error;
}
