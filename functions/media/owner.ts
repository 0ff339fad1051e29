/**
 * Erases or exports everything of one owner, for the operator's command `npm run owner`. Both can be run again: they go on
 * with what is left. What they cannot reach is in `docs/owner-data.md`.
 */
import { mkdir, open, rename, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { DocumentReference, Firestore } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { CollectionName } from './collections.ts';
import { ownerHash } from './owner-hash.ts';
import { type MediaRecord, toMedia } from './record.ts';
import { type RemovalDeps, removeMedia } from './remove.ts';
import { dayOf } from './usage.ts';

export interface OwnerDeps extends RemovalDeps {
  firestore: Firestore;
}

const PAGE = 100;
const AT_A_TIME = 8;
const DAY_MS = 24 * 3_600 * 1_000;
/** Records are kept for 800 days at most (`usage.ts`). */
const MONTHS = 28;
const CHUNK_BYTES = 8 * 1024 * 1024;

/** Records named `<day or month>-<hash of the owner>`. */
const BY_DAY: CollectionName[] = ['daily_uploads', 'daily_spend'];
const BY_MONTH: CollectionName[] = ['removed_usage'];

/**
 * Removes the owner's media as `DELETE /api/media/{id}` does, and every other record about the owner.
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
  for (;;) {
    // Always the first page: what is removed is in no list any more.
    const { records } = await deps.media.list(ownerId, PAGE);
    if (records.length === 0) break;
    await eachOf(records, async (record) => {
      // No receipt is kept: the record of an owner's spending is removed too, and all receipts would be writes to one document.
      await removeMedia(record, deps, { keepsReceipt: false }).catch(ignoreMissing);
      removed++;
    });
    onProgress(removed);
  }
  await removeRecords(ownerId, deps);
  return removed;
}

/**
 * Writes `media.json` (each media as the API shows it) and the files to a folder. A file is named by the id of its media.
 * @returns how many media there are, and how many of them have no stored bytes
 */
export async function exportOwner(
  ownerId: string,
  folder: string,
  deps: OwnerDeps,
  onProgress: (written: number) => void = () => undefined,
): Promise<{ media: number; withoutBytes: number }> {
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  const all: MediaRecord[] = [];
  let withoutBytes = 0;
  let token: string | undefined;
  do {
    const { records, nextPageToken } = await deps.media.list(ownerId, PAGE, token);
    await eachOf(records, async (record) => {
      if (!(await saveFile(record, files, deps))) withoutBytes++;
    });
    all.push(...records);
    onProgress(all.length);
    token = nextPageToken;
  } while (token !== undefined);
  const exported = { owner_id: ownerId, media: all.map(toMedia) };
  await writeFile(join(folder, 'media.json'), `${JSON.stringify(exported, undefined, 2)}\n`);
  return { media: all.length, withoutBytes };
}

/** @returns false if no bytes are stored. */
async function saveFile(
  { id, object, size, file_name }: MediaRecord,
  folder: string,
  { objects }: OwnerDeps,
): Promise<boolean> {
  if (object === null) return false;
  const extension = /^\.[A-Za-z0-9]{1,8}$/.exec(extname(file_name))?.[0] ?? '';
  const path = join(folder, `${id}${extension}`);
  // An earlier run has written it whole.
  if ((await stat(path).catch(() => undefined))?.size === size) return true;
  {
    await using file = await open(`${path}.part`, 'w');
    for (let start = 0; start < size; start += CHUNK_BYTES) {
      const end = Math.min(size, start + CHUNK_BYTES);
      const part = await objects.readMediaPart(object, { start, end });
      if (!part) return false;
      await file.write(part.bytes, 0, part.bytes.length, start);
    }
  }
  await rename(`${path}.part`, path);
  return true;
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
  ];
  await removeAll(firestore, named);
  const requests: CollectionName = 'idempotency';
  for (;;) {
    const query = firestore.collection(requests).where('owner_hash', '==', hash).limit(PAGE);
    const { docs } = await query.get();
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

/** Another request has removed it meanwhile. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'not_found')) throw error;
}
