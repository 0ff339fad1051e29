/** The routes by which files come in. */

import { AppError } from '@media-analysis/shared/errors';
import type { CloseUploadsResponse } from '@media-analysis/shared/uploads';
import { parse } from '../../http/body.ts';
import { sendTagged } from '../../http/conditions.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { mediaId } from '../../http/ids.ts';
import { markReplayed, sendJson } from '../../http/respond.ts';
import { toMedia, toMediaList } from '../media/view.ts';
import { acceptFrames } from './frames.ts';
import { idempotencyKeyOf, idempotencyKeySchema } from './make-once.ts';
import { acceptMedia, type MultipartDeps } from './multipart-source.ts';
import { closeRequest } from './once.ts';

type Handle = (call: ContractCall, ownerId: string, services: MultipartDeps) => Promise<void>;

export const analyzeMedia: Handle = async (call, ownerId, services) => {
  const { request, response, keyId } = call;
  const idempotencyKey = idempotencyKeyOf(request);
  const accept = { ownerId, keyId, analyze: true, idempotencyKey };
  const { isNew, left, records, rejected } = await acceptMedia(request, accept, services);
  if (left) services.dailyUploads.show(response, left);
  if (!isNew) markReplayed(response);
  sendJson(response, 202, {
    media_ids: records.map(({ id }) => id),
    media: toMediaList(records, services.moments),
    rejected,
  });
};

export const uploadMedia: Handle = async (call, ownerId, services) => {
  const { request, response, keyId } = call;
  const idempotencyKey = idempotencyKeyOf(request);
  const accept = { ownerId, keyId, analyze: false, idempotencyKey };
  const limits = { ...services.limits, files: 1 };
  const { isNew, left, records } = await acceptMedia(request, accept, { ...services, limits });
  const [record] = records;
  if (!record) throw new AppError('not_found', 'That media was deleted meanwhile.');
  if (!isNew) markReplayed(response);
  if (left) services.dailyUploads.show(response, left);
  sendJson(response, 202, { media_id: record.id, media: toMedia(record, services.moments) });
};

export const closeUploads: Handle = async ({ request, response }, ownerId, services) => {
  const key = parse(idempotencyKeySchema, request.headers['idempotency-key'], 'Idempotency-Key');
  const { mediaIds, records, rejected } = await closeRequest({ ownerId, key }, services);
  sendJson(response, 200, {
    media_ids: mediaIds,
    media: toMediaList(records, services.moments),
    rejected,
  } satisfies CloseUploadsResponse);
};

export const addFrames: Handle = async (call, ownerId, services) => {
  const record = await acceptFrames(call.request, mediaId(call.params), ownerId, services);
  sendTagged(call, 200, toMedia(record, services.moments));
};
