/**
 * Accepts announcements of files that are too large for a request. Their sender uploads the bytes straight to Cloud Storage, and then
 * `confirm-upload.ts` starts the work.
 */
import { randomUUID } from 'node:crypto';
import { AppError } from '@media-analysis/shared/errors';
import type {
  CreateUploadsResponse,
  createUploadsSchema,
} from '@media-analysis/shared/large-uploads';
import { retry } from '@media-analysis/shared/retry';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import type { z } from 'zod';
import { DESCRIBE } from '../../analysis/catalog/analyses.ts';
import { isConflict } from '../../core/accept/acceptances.ts';
import { checkChosen, others } from '../../core/accept/analyses.ts';
import { type Charge, tooManyAtOnce } from '../../core/accept/daily-uploads.ts';
import {
  type Accepted,
  type AcceptRequest,
  acceptOnce,
  findEarlier,
  fingerprintOf,
  type Offer,
  type OnceDeps,
  uploadsOf,
} from '../../core/accept/once.ts';
import type { Moments } from '../../core/media/moments.ts';
import { applied, awaitsBytes, type MediaRecord, newMediaRecord } from '../../core/media/record.ts';
import type { Logger } from '../../process/log.ts';
import { type ObjectStore, stagingName } from '../../storage/objects.ts';
import { type AnnouncementLimits, checkAnnounced } from './announced-files.ts';
import type { AnnouncementLimit } from './announcement-limit.ts';

/**
 * A broken connection costs at most one chunk, and each chunk is one request. Google advises 8 MiB or more:
 * https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload
 */
const CHUNK_BYTES = 8 * 1024 * 1024;

export interface AnnouncedDeps extends OnceDeps, AnnouncementLimits {
  objects: ObjectStore;
  /** The model of the deployment. It decides which analyses are offered. */
  model: string;
  moments: Moments;
  announcements: AnnouncementLimit;
  logger: Logger;
  now: () => number;
}

interface AnnouncedRequest extends AcceptRequest {
  announcement: z.infer<typeof createUploadsSchema>;
  /** Origin of the page that sends the bytes; undefined if the sender is not a page. */
  origin: string | undefined;
}

/** `sessions`: the upload address of each new media, by id. */
interface Prepared {
  records: MediaRecord[];
  rejected: RejectedFile[];
  sessions: ReadonlyMap<string, string>;
  /** The count of the new media in the daily limit; undefined if there are none. */
  charge: Charge | undefined;
}

/**
 * Counts the files first, then opens their upload sessions, and creates their documents last: an unused session expires by itself,
 * but a document would wait a day for its bytes. If no document is created, the bytes are given back to the daily limit. The number
 * of files is not, because it also limits the sessions.
 *
 * @throws {AppError} if no file may be sent. Then nothing is left behind.
 */
export async function createUploads(
  request: AnnouncedRequest,
  deps: AnnouncedDeps,
): Promise<{ isNew: boolean; answer: CreateUploadsResponse }> {
  const earlier = await findEarlier(request, deps);
  const { records, rejected, sessions, charge }: Prepared = earlier
    ? { records: [], rejected: [], sessions: new Map(), charge: undefined }
    : await prepare(request, deps);
  const fingerprint = () => describe(request, deps);
  const create = (commit: Parameters<Offer['create']>[0]) =>
    createOneByOne(request.ownerId, records.length, commit, deps);
  const offer = { records, rejected, fingerprint, create };
  const accepted = await acceptOnce(request, offer, earlier, deps).catch(async (error: unknown) => {
    await giveBackBytes(charge, deps);
    throw error;
  });
  if (!accepted.isNew) await giveBackBytes(charge, deps);
  await chargeReopened(request, accepted.records, sessions, deps);
  if (accepted.isNew) {
    for (const { id, size, attempts } of accepted.records) {
      deps.logger.info({ media_id: id, attempt: attempts, size }, 'announced');
    }
  }
  const indexOf = indexesByMedia(request, accepted);
  const uploads = accepted.records.map(async (record) => ({
    index: indexOf.get(record.id) ?? 0,
    media_id: record.id,
    upload_url: sessions.get(record.id) ?? (await reopenSession(record, request, deps)),
    chunk_size: CHUNK_BYTES,
  }));
  const answer = { uploads: await Promise.all(uploads), rejected: accepted.rejected };
  return { isNew: accepted.isNew, answer };
}

async function prepare(request: AnnouncedRequest, deps: AnnouncedDeps): Promise<Prepared> {
  const { announcement, ownerId, keyId } = request;
  const { analyze, language, batch_id = randomUUID() } = announcement;
  const wanted = wantedBy(announcement, deps);
  const { files } = announcement;
  const accepting = deps.moments.accepting({ ownerId, keyId, fields: announcement, files });
  const { allowed, rejected } = checkAnnounced(files, deps);
  const records = allowed.map((announced, order) => {
    const { file_name, content_type, size } = announced;
    const id = deps.media.newId();
    const owner = { owner_id: ownerId, batch_id, analyze, wanted, language };
    const file = { file_name, content_type, size, staging_object: stagingName(id) };
    const record = { id, ...file, ...owner, queue_state: 'announced' as const };
    const change = accepting.change(files.indexOf(announced));
    return applied(newMediaRecord(record, deps.now(), order), change);
  });
  if (records.length === 0) {
    return { records, rejected, sessions: new Map(), charge: undefined };
  }
  await deps.announcements.refuseMoreThan(ownerId, records.length);
  const charge = await deps.dailyUploads.charge(ownerId, uploadsOf(records));
  try {
    const opened = await Promise.all(
      records.map(async (record) => {
        return [record.id, await openSession(record, request, deps)] as const;
      }),
    );
    return { records, rejected, sessions: new Map(opened), charge };
  } catch (error) {
    await giveBackBytes(charge, deps);
    throw error;
  }
}

/** @throws {AppError} `rate_limited`, also if too many announcements of the owner come at the same time */
async function createOneByOne(
  ownerId: string,
  files: number,
  commit: Parameters<Offer['create']>[0],
  { media, dailyUploads, announcements }: AnnouncedDeps,
) {
  const attempt = async () => {
    const lastChange = await dailyUploads.lastChange(ownerId);
    // Each announcement changes the document of the day. So none can come between this count and the commit.
    await announcements.refuseMoreThan(ownerId, files);
    const batch = media.batch();
    dailyUploads.addAnnouncement(batch, ownerId, lastChange);
    return commit(batch);
  };
  try {
    return await retry(attempt, { isRetryable: isConflict, initialDelayMs: 50, retries: 5 });
  } catch (cause) {
    throw isConflict(cause) ? tooManyAtOnce(cause) : cause;
  }
}

/** @throws {AppError} `invalid_request`, `not_found`, `analysis_not_offered` */
function wantedBy(
  { analyze, analyses }: AnnouncedRequest['announcement'],
  { model }: AnnouncedDeps,
): string[] {
  if (analyze) return checkChosen(analyses ?? [DESCRIBE], model);
  if (analyses === undefined) return [];
  throw new AppError('invalid_request', 'analyses: none can be made if analyze is false.');
}

/** If this fails, the owner can only send less today. */
async function giveBackBytes(charge: Charge | undefined, { logger }: AnnouncedDeps): Promise<void> {
  await charge?.giveBackBytes().catch((error: unknown) => {
    logger.warn({ error }, 'announced bytes not given back');
  });
}

/** A repeated request gets new sessions for files that have not arrived. They count as files. */
async function chargeReopened(
  { ownerId }: AnnouncedRequest,
  records: MediaRecord[],
  sessions: Prepared['sessions'],
  { dailyUploads }: AnnouncedDeps,
): Promise<void> {
  const files = records.filter((record) => !sessions.has(record.id) && awaitsBytes(record)).length;
  if (files > 0) await dailyUploads.charge(ownerId, { bytes: 0, files });
}

/** Maps each media to the position of its file in the announcement. */
function indexesByMedia(
  { announcement: { files } }: AnnouncedRequest,
  { mediaIds, rejected }: Accepted,
): Map<string, number> {
  const rejectedIndexes = new Set(rejected.map(({ index }) => index));
  const indexes = [...files.keys()].filter((index) => !rejectedIndexes.has(index));
  return new Map(mediaIds.map((id, order) => [id, indexes[order] ?? 0]));
}

/** @returns a new session for a media of an earlier request; null if its bytes have arrived */
async function reopenSession(
  record: MediaRecord,
  request: AnnouncedRequest,
  deps: AnnouncedDeps,
): Promise<string | null> {
  if (!awaitsBytes(record)) return null;
  const arrived = await deps.objects.stagedSize(stagingName(record.id));
  return arrived === undefined ? openSession(record, request, deps) : null;
}

async function openSession(
  { id, size, file_name }: MediaRecord,
  { origin }: AnnouncedRequest,
  { objects, logger }: AnnouncedDeps,
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

function describe(
  { announcement, ownerId, keyId }: AnnouncedRequest,
  { moments }: AnnouncedDeps,
): string {
  const { files, analyze, language, analyses = [DESCRIBE] } = announcement;
  const parts = files.map(({ file_name, content_type, size }) => [file_name, content_type, size]);
  const { fingerprint } = moments.accepting({ ownerId, keyId, fields: announcement, files });
  return fingerprintOf('uploads', parts, analyze, language, ...others(analyses), ...fingerprint);
}
