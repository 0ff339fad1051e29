/**
 * Files too large for a request to the api: announced here, sent straight to Cloud Storage, and worked on
 * as soon as their sender says that they are there.
 */
import { createHash } from 'node:crypto';
import type { CreateUploadsResponse, createUploadsSchema } from '@media-analysis/shared/api';
import { AppError } from '@media-analysis/shared/errors';
import { retry } from '@media-analysis/shared/retry';
import type { z } from 'zod';
import type { Measure } from '../../http/timing.ts';
import {
  type MediaRecord,
  newMediaRecord,
  nextPhase,
  sizeDiffers,
  taskOf,
} from '../../media/record.ts';
import { stagingName } from '../../storage/objects.ts';
import { type Acceptance, isConflict, type OwnedKey } from './acceptances.ts';
import { sortOut } from './announced-files.ts';
import type { AcceptDeps } from './multipart-source.ts';
import { allRejected } from './rejected.ts';

/**
 * What is lost at most when a connection breaks, against a request more for each; Google advises 8 MiB or
 * more: https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload
 */
const CHUNK_BYTES = 8 * 1024 * 1024;

export interface UploadDeps extends AcceptDeps {
  /** Bytes of one file. */
  maxUploadBytes: number;
}

interface Request {
  ownerId: string;
  announcement: z.infer<typeof createUploadsSchema>;
  /** Of the page that will send the bytes, if it is one. */
  origin: string | undefined;
  idempotencyKey: string | undefined;
  measure: Measure;
}

type Upload = CreateUploadsResponse['uploads'][number];

/**
 * The sessions are opened before the documents are written: a session that nobody was told of comes to
 * nothing by itself, while a document would wait for its bytes for a day.
 *
 * @throws {AppError} if no file may be sent; nothing is left behind then.
 */
export async function createUploads(
  request: Request,
  deps: UploadDeps,
): Promise<CreateUploadsResponse> {
  const { ownerId, announcement, idempotencyKey, measure } = request;
  const key = idempotencyKey === undefined ? undefined : { ownerId, key: idempotencyKey };
  const earlier = key && (await deps.idempotency.find(key));
  if (earlier) return replay(earlier, request, deps);
  const { accepted, rejected } = sortOut(announcement.files, deps);
  if (accepted.length === 0) throw allRejected(rejected);
  const records = accepted.map(({ file }, order) => toRecord(file, order, request, deps));
  const sessions = await measure('session', () =>
    Promise.all(records.map((record) => openSession(record, request, deps))),
  );
  const acceptance = { fingerprint: fingerprint(announcement), rejected };
  const winner = await measure('record', () => record(records, acceptance, key, ownerId, deps));
  if (winner) return replay(winner, request, deps);
  for (const { id, size, attempts } of records) {
    deps.logger.info({ media_id: id, attempt: attempts, size }, 'announced');
  }
  const uploads = accepted.map(({ index }, order) =>
    toUpload(index, records[order]?.id ?? '', sessions[order] ?? null),
  );
  return { uploads, rejected };
}

/**
 * Starts the work on a media whose bytes its owner says to have sent.
 * @returns how it stands, also if the work has begun long ago.
 * @throws {AppError} `not_found`, `upload_incomplete`, `upload_size_differs`
 */
export async function confirmUpload(
  id: string,
  ownerId: string,
  { media, objects, queue, logger }: UploadDeps,
): Promise<MediaRecord> {
  const record = await media.get(id, ownerId);
  if (!awaitsBytes(record)) return record;
  const arrived = await objects.stagedSize(stagingName(id));
  if (arrived === undefined) {
    // The work may have begun, and ended, since the document was read.
    const now = await media.get(id, ownerId);
    if (!awaitsBytes(now)) return now;
    throw new AppError(
      'upload_incomplete',
      `"${record.file_name}" has not arrived yet. Send the rest of it to its upload_url first.`,
    );
  }
  await queue.enqueue(nextPhase(record), taskOf(record)).catch((error: unknown) => {
    logger.error({ media_id: id, error }, 'not enqueued; the sweeper will do it');
  });
  if (arrived === record.size) return record;
  // The worker will see it too, fail the media and remove the bytes.
  throw sizeDiffers(record, arrived);
}

function awaitsBytes({ status, object, staging_object }: MediaRecord): boolean {
  return status === 'pending' && object === null && staging_object !== null;
}

function toRecord(
  { file_name, ...file }: Request['announcement']['files'][number],
  order: number,
  { ownerId, announcement: { analyze, language } }: Request,
  { media, now }: UploadDeps,
): MediaRecord {
  const id = media.newId();
  const owner = { owner_id: ownerId, analyze, language };
  const name = { file_name: file_name.toWellFormed(), staging_object: stagingName(id) };
  return newMediaRecord({ ...file, ...owner, ...name, id }, now(), order);
}

/**
 * One file may be a fifth of what a day allows: no two requests may be counted as if there were one.
 * @throws {AppError} `rate_limited` also when too many of them come side by side for that.
 */
async function record(
  records: MediaRecord[],
  acceptance: Pick<Acceptance, 'fingerprint' | 'rejected'>,
  key: OwnedKey | undefined,
  ownerId: string,
  { idempotency, dailyBytes }: UploadDeps,
): Promise<Acceptance | undefined> {
  const bytes = records.reduce((sum, { size }) => sum + size, 0);
  const charge = async () => {
    const day = await dailyBytes.read(ownerId);
    dailyBytes.refuseMoreThan(day.remaining, bytes);
    return idempotency.create(records, acceptance, key, (batch) =>
      dailyBytes.chargeIfUnchanged(batch, ownerId, bytes, day),
    );
  };
  try {
    return await retry(charge, { isRetryable: isConflict, initialDelayMs: 50, retries: 5 });
  } catch (cause) {
    if (!isConflict(cause)) throw cause;
    throw new AppError(
      'rate_limited',
      'You announce too many uploads at the same time. Announce them in one request, or one by one.',
      { cause, retryAfterMs: 1_000 },
    );
  }
}

async function openSession(
  { id, size, file_name }: MediaRecord,
  { origin }: Request,
  { objects, logger }: UploadDeps,
): Promise<string> {
  try {
    return await objects.openSession(stagingName(id), size, origin);
  } catch (cause) {
    logger.error({ error: cause }, 'no session');
    throw new AppError('unavailable', `"${file_name}" cannot be taken now. Send it again.`, {
      cause,
    });
  }
}

function toUpload(index: number, media_id: string, upload_url: string | null): Upload {
  return { index, media_id, upload_url, chunk_size: CHUNK_BYTES };
}

/** Two requests with equal fingerprints announce the same. */
function fingerprint(announcement: Request['announcement']): string {
  const { files, analyze, language } = announcement;
  const parts = files.map(({ file_name, content_type, size }) => [file_name, content_type, size]);
  return createHash('sha256')
    .update(JSON.stringify(['uploads', parts, analyze, language]))
    .digest('hex');
}

/** Answers a repeated request with what the first one made, each with a new session if it needs one. */
async function replay(
  earlier: Acceptance,
  request: Request,
  deps: UploadDeps,
): Promise<CreateUploadsResponse> {
  const { announcement, ownerId } = request;
  if (earlier.fingerprint !== fingerprint(announcement)) {
    throw new AppError(
      'idempotency_key_reused',
      'This Idempotency-Key was used for a request with other files. Use a new key.',
    );
  }
  const refused = new Set(earlier.rejected.map(({ index }) => index));
  const indexes = [...announcement.files.keys()].filter((index) => !refused.has(index));
  const records = await deps.media.getMany(earlier.media_ids, ownerId);
  const uploads = records.map(async (record) => {
    const index = indexes[earlier.media_ids.indexOf(record.id)] ?? 0;
    const needsBytes =
      awaitsBytes(record) && (await deps.objects.stagedSize(stagingName(record.id))) === undefined;
    const session = needsBytes ? await openSession(record, request, deps) : null;
    return toUpload(index, record.id, session);
  });
  return { uploads: await Promise.all(uploads), rejected: earlier.rejected };
}
