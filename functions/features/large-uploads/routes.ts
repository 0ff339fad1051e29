/** The routes for files that their sender uploads straight to Cloud Storage. */
import { createUploadsSchema } from '@media-analysis/shared/large-uploads';
import { idempotencyKeyOf } from '../../core/accept/make-once.ts';
import { toMedia } from '../../core/media/view.ts';
import { readJson } from '../../http/body.ts';
import type { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import { sendTagged } from '../../http/conditions.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { pageOf } from '../../http/cors.ts';
import { mediaId } from '../../http/ids.ts';
import { markReplayed, sendJson } from '../../http/respond.ts';
import { type AnnouncedDeps, createUploads } from './announced-source.ts';
import { type ConfirmDeps, confirmUpload } from './confirm-upload.ts';

interface LargeUploadServices extends AnnouncedDeps, ConfirmDeps {
  /** Limits the open requests with files of each owner. */
  uploads: ConcurrencyLimit;
  /** Origins of the pages on other sites that may call the api. */
  allowedOrigins: readonly string[];
}

type Handle = (call: ContractCall, ownerId: string, services: LargeUploadServices) => Promise<void>;

const announceMedia: Handle = async (call, ownerId, services) => {
  const { request, response, keyId } = call;
  const release = services.uploads.acquire(ownerId);
  try {
    const uploads = {
      ownerId,
      keyId,
      announcement: await readJson(request, createUploadsSchema),
      origin: pageOf(request, services.allowedOrigins),
      idempotencyKey: idempotencyKeyOf(request),
    };
    const { isNew, answer } = await createUploads(uploads, services);
    if (!isNew) markReplayed(response);
    sendJson(response, 201, answer);
  } finally {
    release();
  }
};

const confirmMedia: Handle = async (call, ownerId, services) => {
  const record = await confirmUpload(mediaId(call.params), ownerId, services);
  sendTagged(call, 202, toMedia(record, services.moments));
};

export const largeUploadHandlers = { announceMedia, confirmMedia };
