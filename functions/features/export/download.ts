/** Streams the originals of many media as one archive. Only one piece of a file is in memory at a time. */

import { AppError } from '@media-analysis/shared/errors';
import { MAX_DOWNLOAD_BYTES, manySchema } from '@media-analysis/shared/many';
import type { Moments } from '../../core/media/moments.ts';
import { type MediaRecord, notFound } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { readJson } from '../../http/body.ts';
import type { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import { isMediaId } from '../../http/ids.ts';
import { sendFile } from '../../http/respond.ts';
import type { Call } from '../../http/router.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import { FileNames } from './file-names.ts';
import { type ZipFile, zipOf } from './zip.ts';

export interface DownloadServices {
  media: Pick<MediaStore, 'getMany'>;
  objects: Pick<ObjectStore, 'readMediaPart'>;
  moments: Moments;
  downloads: ConcurrencyLimit;
  now: () => number;
}

const PIECE_BYTES = 4 * 1024 * 1024;
const GIBIBYTE = 1024 ** 3;

export async function downloadMany(
  { request, response, signal }: Call,
  ownerId: string,
  services: DownloadServices,
): Promise<void> {
  const { ids } = await readJson(request, manySchema);
  const release = services.downloads.acquire(ownerId);
  try {
    const known = [...new Set(ids)].filter(isMediaId);
    const records = await services.media.getMany(known, ownerId);
    const [first] = records;
    if (!first) throw notFound(ids[0] ?? '');
    const [given, missing] = split(records, services.moments);
    refuseLarge(given);
    if (given.length === 0) {
      services.moments.serving(first, 'original');
      throw new AppError('not_ready', whyMissing(first, services.moments));
    }
    const name = `media-${new Date(services.now()).toISOString().slice(0, 10)}.zip`;
    const files = zipOf(filesOf(given, missing, services));
    await sendFile(response, { type: 'application/zip', name }, files, signal);
  } finally {
    release();
  }
}

type Stored = MediaRecord & { object: string };

const isStored = (record: MediaRecord): record is Stored => record.object !== null;

/** @returns the media for the archive, and a line about each of the others */
function split(records: readonly MediaRecord[], moments: Moments): [Stored[], string[]] {
  const given = records.filter(isStored).filter((record) => mayBeServed(record, moments));
  const ids = new Set(given.map(({ id }) => id));
  const others = records.filter(({ id }) => !ids.has(id));
  return [given, others.map((record) => whyMissing(record, moments))];
}

function mayBeServed(record: MediaRecord, moments: Moments): boolean {
  try {
    moments.serving(record, 'original');
    return true;
  } catch {
    return false;
  }
}

function whyMissing(record: MediaRecord, moments: Moments): string {
  const why = mayBeServed(record, moments)
    ? 'is not stored'
    : 'is held back, so it is not given out';
  return `"${record.file_name}" ${why}.`;
}

function refuseLarge(records: readonly MediaRecord[]): void {
  const bytes = records.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= MAX_DOWNLOAD_BYTES) return;
  throw new AppError(
    'body_too_large',
    `These ${records.length} files have ${(bytes / GIBIBYTE).toFixed(1)} GiB together, and one download may have ${MAX_DOWNLOAD_BYTES / GIBIBYTE} GiB. Choose fewer of them.`,
  );
}

async function* filesOf(
  records: readonly Stored[],
  missing: string[],
  { media, objects, moments, now }: DownloadServices,
): AsyncGenerator<ZipFile> {
  const names = new FileNames();
  for (const record of records) {
    const { id, owner_id, file_name, created_at: at } = record;
    // Minutes may have passed: the media may be deleted, or withheld by now.
    const [present] = await media.getMany([id], owner_id);
    if (!present || !mayBeServed(present, moments)) {
      missing.push(
        present ? whyMissing(present, moments) : `"${file_name}" was deleted meanwhile.`,
      );
      continue;
    }
    yield { name: names.give(file_name), modified: at.toDate(), bytes: bytesOf(record, objects) };
  }
  if (missing.length === 0) return;
  const lines = ['These files are not in this archive:', ...missing, ''].join('\r\n');
  const bytes = [Buffer.from(lines)];
  yield { name: names.give('not in this archive.txt'), modified: new Date(now()), bytes };
}

/** It throws if bytes are missing, which breaks off the archive. Otherwise an incomplete file would look whole. */
async function* bytesOf(
  { id, object, size }: Stored,
  objects: DownloadServices['objects'],
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size; start += PIECE_BYTES) {
    const range = { start, end: Math.min(size, start + PIECE_BYTES) };
    const part = await objects.readMediaPart(object, range);
    if (!part) throw new Error(`The object of ${id} is gone.`);
    yield part.bytes;
  }
}
