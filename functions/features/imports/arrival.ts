/**
 * Makes a media of an object that has arrived in a bucket. Cloud Storage notifies a Pub/Sub topic, and Pub/Sub pushes the message
 * here: at least once, in any order, and again until the answer is 2xx. The media has the same id as in an import. So an object
 * that is notified twice, or imported too, is one media.
 */
import type { Firestore } from '@google-cloud/firestore';
import { z } from 'zod';
import { DESCRIBE } from '../../analysis/catalog/analyses.ts';
import type { DailyUploads, Uploads } from '../../core/accept/daily-uploads.ts';
import type { Places } from '../../core/media/places.ts';
import { newMediaRecord } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { isOwnerId } from '../../http/service-caller.ts';
import { ALREADY_EXISTS, hasCode } from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import { type ListedObject, listedObjectSchema } from '../../storage/list-bucket.ts';
import { type ArrivalRule, ruleFor } from './arrival-rules.ts';
import { findKnownMedia } from './known-media.ts';
import { isFolder, objectFields, whyRefused } from './objects.ts';
import { importedId } from './record.ts';

export interface ArrivalDeps {
  firestore: Firestore;
  media: MediaStore;
  dailyUploads: DailyUploads;
  places: Places;
  logger: Logger;
  rules: readonly ArrivalRule[];
  limits: { maxUploadBytes: number; perDay: Uploads };
  now: () => number;
}

/**
 * https://cloud.google.com/pubsub/docs/push#receive_push
 * https://cloud.google.com/storage/docs/pubsub-notifications#format
 */
export const arrivalSchema = z.object({
  message: z.object({
    attributes: z.record(z.string(), z.string()).default({}),
    data: z.string().default(''),
    messageId: z.string().optional(),
  }),
  subscription: z.string(),
});
export type Arrival = z.infer<typeof arrivalSchema>;

const attributesSchema = z.object({
  eventType: z.literal('OBJECT_FINALIZE'),
  payloadFormat: z.literal('JSON_API_V1'),
  bucketId: z.string().min(1),
  objectId: z.string().min(1),
  objectGeneration: z.string().min(1),
});

/**
 * An object that cannot be a media is logged and dropped: another delivery would change nothing. The log has its generation, not
 * its name, because names of files stay out of the log.
 * @throws {AppError} `rate_limited` while the owner may send no more today. Pub/Sub delivers the message again.
 */
export async function acceptArrival({ message }: Arrival, deps: ArrivalDeps): Promise<void> {
  const { rules, limits, logger } = deps;
  const told = readMessage(message);
  if (!told) {
    const { messageId: message_id } = message;
    logger.error({ message_id }, 'no notification of a new object, and dropped');
    return;
  }
  const { bucket, object } = told;
  if (isFolder(object)) return;
  const subject = { bucket, generation: object.generation };
  const found = ruleFor(rules, bucket, object.name);
  if (!found || !isValidOwner(found.ownerId)) {
    const reason = found ? 'its folder is the id of no user' : 'no rule means it';
    logger.warn({ ...subject, reason }, 'an object that has arrived is left out');
    return;
  }
  const most = Math.min(limits.maxUploadBytes, limits.perDay.bytes);
  const refusal = whyRefused(object, most);
  if (refusal) {
    logger.warn({ ...subject, reason: refusal.code }, 'an object that has arrived is left out');
    return;
  }
  await accept(found.rule, found.ownerId, object, deps);
}

/** @returns undefined for another event, a message from somebody else, or one that contradicts itself */
function readMessage({
  attributes,
  data,
}: Arrival['message']): { bucket: string; object: ListedObject } | undefined {
  const said = attributesSchema.safeParse(attributes).data;
  const object = listedObjectSchema.safeParse(jsonOf(data)).data;
  if (!said || !object) return undefined;
  const { bucketId: bucket, objectId, objectGeneration } = said;
  const isSame = objectId === object.name && objectGeneration === object.generation;
  return isSame ? { bucket, object } : undefined;
}

function jsonOf(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString());
  } catch {
    return undefined;
  }
}

/** The rules for ids that a service key may name. `.` and `..` are mistakes in the name of an object. */
function isValidOwner(id: string): boolean {
  return isOwnerId(id) && id !== '.' && id !== '..';
}

async function accept(
  { bucket, in_place, analyze, analyses = [DESCRIBE], language }: ArrivalRule,
  owner_id: string,
  object: ListedObject,
  { firestore, media, dailyUploads, places, logger, now }: ArrivalDeps,
): Promise<void> {
  const id = importedId(owner_id, bucket, object);
  if ((await findKnownMedia(firestore, [id])).has(id)) return;
  const uploads = { bytes: object.size, files: 1 };
  dailyUploads.refuseMoreThan(await dailyUploads.remaining(owner_id), uploads);
  const queue_state = await places.nextState(owner_id);
  const fields = { id, owner_id, ...objectFields(bucket, object, in_place), queue_state };
  const asked = { analyze, wanted: analyze ? analyses : [], language };
  const record = newMediaRecord({ ...fields, ...asked }, now());
  const batch = media.batch();
  dailyUploads.addTo(batch, owner_id, uploads);
  try {
    await media.create([record], batch);
  } catch (error) {
    // Another delivery of the message, or an import, was quicker.
    if (hasCode(error, ALREADY_EXISTS)) return;
    throw error;
  }
  logger.info({ media_id: id, size: object.size }, 'accepted');
  await places.settle(owner_id, [record]);
}
