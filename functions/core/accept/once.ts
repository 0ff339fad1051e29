/**
 * Find or make: a request makes its media once, however often its sender sends it again with the same
 * `Idempotency-Key`. Forms (`multipart-source.ts`) and announcements of large files (`announced-source.ts`)
 * both take three steps: `findEarlier`, then read what the request brings (an `Offer`), then `acceptOnce`.
 */
import { createHash } from 'node:crypto';
import type { WriteBatch } from '@google-cloud/firestore';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import type { MediaRecord } from '../media/record.ts';
import type { MediaStore } from '../media/store.ts';
import {
  type Acceptance,
  type AcceptanceStore,
  isConflict,
  type OwnedKey,
  refuseReused,
} from './acceptances.ts';
import type { DailyUploads, Uploads } from './daily-uploads.ts';
import { allRejected } from './rejected.ts';

export interface OnceDeps {
  media: MediaStore;
  acceptances: AcceptanceStore;
  dailyUploads: DailyUploads;
}

export interface AcceptRequest {
  ownerId: string;
  /** The service key with which a backend sends it. */
  keyId?: string | undefined;
  idempotencyKey: string | undefined;
}

/** The files of a request, and how they become media. */
export interface Offer {
  /** The media to create, in the order of their files. */
  records: MediaRecord[];
  /** The files that cannot be accepted, each with its reason. */
  rejected: RejectedFile[];
  /**
   * Makes the batch in which the files are counted, and commits it with what is given here.
   * @throws {AppError} `rate_limited`
   */
  create: (commit: Commit) => Promise<Acceptance | undefined>;
  /**
   * @param unread The files that an earlier request did not read to the end: their bytes cannot be compared.
   * @returns a text that is equal for two requests that ask for the same thing.
   */
  fingerprint: (unread: readonly RejectedFile[]) => string;
}

/**
 * Creates the media, the record of the request and what `batch` already holds: all of them in one commit, or nothing.
 * @returns what another request with the same key has made in the meantime; then nothing was created
 */
type Commit = (batch: WriteBatch) => Promise<Acceptance | undefined>;

export interface Accepted {
  /** False if an earlier request with the same key made the media. */
  isNew: boolean;
  /** The ids of all media that the request made, also of those that were deleted since then. */
  mediaIds: string[];
  records: MediaRecord[];
  rejected: RejectedFile[];
  /** What the owner may still send today, if that is known. */
  left?: Uploads;
}

/** @returns what a request with the same key made before; undefined also for a request without a key. */
export async function findEarlier(
  request: AcceptRequest,
  { acceptances }: OnceDeps,
): Promise<Acceptance | undefined> {
  const key = keyOf(request);
  return key && acceptances.find(key);
}

/**
 * Answers with the media of the earlier request, or else creates the media of this one. A request with the
 * same key can be quicker while this one is read: then its media are the answer, and nothing is created.
 *
 * @param earlier The answer of `findEarlier`.
 * @throws {AppError} `idempotency_key_reused`, `rate_limited`, or the reason why every file is rejected
 */
export async function acceptOnce(
  request: AcceptRequest,
  offer: Offer,
  earlier: Acceptance | undefined,
  deps: OnceDeps,
): Promise<Accepted> {
  const earlierAcceptance = earlier ?? (await make(request, offer, deps));
  if (!earlierAcceptance) {
    const { records, rejected } = offer;
    return { isNew: true, mediaIds: idsOf(records), records, rejected };
  }
  const { media_ids: mediaIds, rejected } = earlierAcceptance;
  refuseReused(earlierAcceptance, offer.fingerprint(rejected));
  const records = await deps.media.getMany(mediaIds, request.ownerId);
  return { isNew: false, mediaIds, records, rejected };
}

/**
 * For a sender who has no answer to a request, because it was stopped or the connection broke: after this call the
 * request has made what is returned here, and will never make more.
 *
 * A new record is counted, though not as a file of the day: no owner can write without end.
 * @throws {AppError} `rate_limited`
 */
export async function closeRequest(
  key: OwnedKey & { ownerId: string },
  { acceptances, dailyUploads, media }: Pick<OnceDeps, 'acceptances' | 'dailyUploads' | 'media'>,
): Promise<Accepted> {
  let earlier = await acceptances.find(key);
  if (!earlier) {
    await dailyUploads.chargeClosing(key.ownerId);
    earlier = await acceptances.close(key);
  }
  const { media_ids: mediaIds = [], rejected = [] } = earlier ?? {};
  const records = await media.getMany(mediaIds, key.ownerId);
  return { isNew: false, mediaIds, records, rejected };
}

/** The fingerprint of a request that is described by these values. */
export function fingerprintOf(...description: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(description)).digest('hex');
}

/** @returns what another request with the same key has made in the meantime. */
async function make(
  request: AcceptRequest,
  offer: Offer,
  deps: OnceDeps,
): Promise<Acceptance | undefined> {
  const { records, rejected } = offer;
  if (records.length === 0) throw allRejected(rejected);
  return offer.create((batch) => commit(request, offer, batch, deps));
}

export function uploadsOf(files: readonly { size: number }[]): Uploads {
  return { bytes: files.reduce((sum, { size }) => sum + size, 0), files: files.length };
}

/** See `Commit`. */
export async function commit(
  request: Pick<AcceptRequest, 'ownerId' | 'idempotencyKey'>,
  { records, rejected, fingerprint }: Pick<Offer, 'records' | 'rejected' | 'fingerprint'>,
  batch: WriteBatch,
  { media, acceptances }: Pick<OnceDeps, 'media' | 'acceptances'>,
): Promise<Acceptance | undefined> {
  const key = keyOf(request);
  const media_ids = idsOf(records);
  if (key) {
    const made = { fingerprint: fingerprint(rejected), media_ids, rejected };
    await acceptances.addTo(batch, key, made);
  }
  try {
    await media.create(records, batch);
    return undefined;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const earlierAcceptance = key && (await acceptances.find(key));
    const isOurs = earlierAcceptance?.media_ids[0] === media_ids[0];
    if (earlierAcceptance && !isOurs) return earlierAcceptance;
    // Ids of media are random, so a conflict over them is with our own commit: its answer was lost, and
    // Firestore's client has sent it again.
    const [first] = await media.getMany(media_ids.slice(0, 1), request.ownerId);
    if (first) return undefined;
    throw error;
  }
}

function keyOf({
  ownerId,
  idempotencyKey,
}: Pick<AcceptRequest, 'ownerId' | 'idempotencyKey'>): OwnedKey | undefined {
  return idempotencyKey === undefined ? undefined : { ownerId, key: idempotencyKey };
}

const idsOf = (records: MediaRecord[]) => records.map(({ id }) => id);
