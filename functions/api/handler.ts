/** The routes of the HTTP API: they accept media, show their state, retry and remove them. */
import { API_ROUTES } from '@media-analysis/shared/contract';
import { editMediaSchema } from '@media-analysis/shared/edits';
import { AppError } from '@media-analysis/shared/errors';
import { createUploadsSchema } from '@media-analysis/shared/large-uploads';
import type { LocationList } from '@media-analysis/shared/locations';
import { mediaMonthsSchema, mediaSearchSchema } from '@media-analysis/shared/search';
import type { CloseUploadsResponse } from '@media-analysis/shared/uploads';
import { z } from 'zod';
import { parse, readJson } from '../http/body.ts';
import type { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import { type ContractCall, contractRoutes, type Handlers } from '../http/contract-route.ts';
import { pageOf } from '../http/cors.ts';
import type { Authenticate } from '../http/identity.ts';
import { isMediaId, mediaId, parseIds } from '../http/ids.ts';
import { queryOf } from '../http/query.ts';
import { markReplayed, sendJson, sendRedirect } from '../http/respond.ts';
import type { Call, Route } from '../http/router.ts';
import type { AuthenticateService } from '../http/service-caller.ts';
import { type ModerationMode, refuseHeld, showsFrames } from '../media/held.ts';
import type { MediaSearch } from '../media/media-search.ts';
import { type MediaRecord, toMedia, toMediaList } from '../media/record.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import { monthOf, type UsageStore } from '../media/usage.ts';
import { withLogFields } from '../process/log.ts';
import type { Loopback } from '../process/webhook-address.ts';
import { framesName } from '../storage/objects.ts';
import { type AnnouncedDeps, createUploads } from './accept/announced-source.ts';
import { confirmUpload } from './accept/confirm-upload.ts';
import { acceptFrames } from './accept/frames.ts';
import { idempotencyKeyOf, idempotencyKeySchema, makeOnce } from './accept/make-once.ts';
import { acceptMedia, type MultipartDeps } from './accept/multipart-source.ts';
import { closeRequest } from './accept/once.ts';
import { listAnalyses, readAsked } from './analyses.ts';
import { deleteMany, deleteMedia, listBin, restoreMany, restoreMedia } from './bin.ts';
import { listCallbacks, resendCallback } from './callback-deliveries.ts';
import { downloadMany } from './download.ts';
import { listResults, restoreResult } from './earlier-results.ts';
import { exportMany, exportMedia } from './export.ts';
import {
  changeImport,
  createImport,
  getImport,
  type ImportServices,
  listImports,
} from './imports.ts';
import {
  changeReanalysis,
  createReanalysis,
  getReanalysis,
  listReanalyses,
  type ReanalysisServices,
} from './reanalyses.ts';
import { createWebhookRoutes, type WebhookServices } from './webhooks.ts';

interface ApiServices
  extends MultipartDeps,
    AnnouncedDeps,
    ReanalysisServices,
    ImportServices,
    WebhookServices {
  limits: MultipartDeps['limits'];
  loopback: Loopback;
  search: MediaSearch;
  usage: UsageStore;
  /** How many calls with one service key may be open. */
  keyCalls: ConcurrencyLimit;
  /** How many exports and downloads may be under way. */
  downloads: ConcurrencyLimit;
  queue: TaskQueue;
  model: string;
  moderation: ModerationMode;
  /** Origins of the pages on other sites that may call the api. */
  allowedOrigins: readonly string[];
}

export interface ApiDeps {
  authenticate: Authenticate;
  /** For what only a backend may do. */
  authenticateService: AuthenticateService;
  /** Creates the services at the first call. A request without a valid token needs none of them. */
  services: () => Promise<ApiServices>;
  signedUrlTtlMs: number;
}

type Handle = (call: ContractCall, ownerId: string, services: ApiServices) => Promise<void>;

const askBodySchema = z.unknown();

export function createApiRoutes({
  authenticate,
  authenticateService,
  services,
  signedUrlTtlMs,
}: ApiDeps): Route[] {
  const handlers: Handlers<typeof API_ROUTES, Handle> = {
    analyzeMedia,
    uploadMedia,
    announceMedia,
    closeUploads,
    confirmMedia,
    addFrames,
    listMedia,
    listMonths,
    listLocations,
    exportMedia,
    exportMany,
    downloadMany,
    getMedia,
    getContent: signedAddress('original', signedUrlTtlMs),
    getPreview: signedAddress('preview', signedUrlTtlMs),
    getFrames: signedAddress('frames', signedUrlTtlMs),
    getBinPreview: signedAddressInBin(signedUrlTtlMs),
    retryMedia,
    askMedia,
    getAnalyses,
    editMedia,
    deleteMedia,
    deleteMany,
    restoreMany,
    restoreMedia,
    listBin,
    listResults,
    restoreResult,
    createReanalysis,
    listReanalyses,
    getReanalysis,
    confirmReanalysis: changeReanalysis('confirm'),
    pauseReanalysis: changeReanalysis('pause'),
    resumeReanalysis: changeReanalysis('resume'),
    cancelReanalysis: changeReanalysis('cancel'),
    createImport,
    listImports,
    getImport,
    pauseImport: changeImport('pause'),
    resumeImport: changeImport('resume'),
    cancelImport: changeImport('cancel'),
    getUsage,
    listCallbacks,
    resendCallback,
  };
  const routes = contractRoutes(API_ROUTES, handlers, async (call, handle, withQuery, scope) => {
    const caller = await call.measure('auth', () => authenticate(call.request, scope));
    const { ownerId, keyId } = caller;
    const checked = withQuery();
    const deps = await services();
    const release = keyId === undefined ? undefined : deps.keyCalls.acquire(keyId);
    try {
      await withLogFields(keyId === undefined ? {} : { key_id: keyId }, () =>
        handle({ ...checked, keyId }, ownerId, deps),
      );
    } finally {
      release?.();
    }
  });
  return [...routes, ...createWebhookRoutes({ authenticate: authenticateService, services })];
}

const analyzeMedia: Handle = async (call, ownerId, services) => {
  const { request, response, measure, keyId } = call;
  const accept = {
    ...{ ownerId, keyId, analyze: true, measure },
    idempotencyKey: idempotencyKeyOf(request),
  };
  const { isNew, records, rejected } = await acceptMedia(request, accept, services);
  if (!isNew) markReplayed(response);
  sendJson(response, 202, {
    media_ids: records.map(({ id }) => id),
    media: toMediaList(records, services.moderation),
    rejected,
  });
};

const uploadMedia: Handle = async ({ request, response, measure }, ownerId, services) => {
  const accept = { ownerId, analyze: false, idempotencyKey: idempotencyKeyOf(request), measure };
  const limits = { ...services.limits, files: 1 };
  const { isNew, records } = await acceptMedia(request, accept, { ...services, limits });
  const [record] = records;
  if (!record) throw new AppError('not_found', 'That media was deleted meanwhile.');
  if (!isNew) markReplayed(response);
  sendJson(response, 202, { media_id: record.id, media: toMedia(record, services.moderation) });
};

const announceMedia: Handle = async (call, ownerId, services) => {
  const { request, response, measure, keyId } = call;
  const release = services.uploads.acquire(ownerId);
  try {
    const uploads = {
      ...{ ownerId, keyId },
      announcement: await readJson(request, createUploadsSchema),
      origin: pageOf(request, services.allowedOrigins),
      idempotencyKey: idempotencyKeyOf(request),
      measure,
    };
    const { isNew, answer } = await createUploads(uploads, services);
    if (!isNew) markReplayed(response);
    sendJson(response, 201, answer);
  } finally {
    release();
  }
};

const closeUploads: Handle = async ({ request, response }, ownerId, services) => {
  const key = parse(idempotencyKeySchema, request.headers['idempotency-key'], 'Idempotency-Key');
  const { mediaIds, records, rejected } = await closeRequest({ ownerId, key }, services);
  sendJson(response, 200, {
    media_ids: mediaIds,
    media: toMediaList(records, services.moderation),
    rejected,
  } satisfies CloseUploadsResponse);
};

const confirmMedia: Handle = async ({ response, params }, ownerId, services) => {
  const record = await confirmUpload(mediaId(params), ownerId, services);
  sendJson(response, 202, toMedia(record, services.moderation));
};

const addFrames: Handle = async ({ request, response, params }, ownerId, services) => {
  const record = await acceptFrames(request, mediaId(params), ownerId, services);
  sendJson(response, 200, toMedia(record, services.moderation));
};

const listMedia: Handle = async ({ response, url, query }, ownerId, services) => {
  const { media, search } = services;
  if (query.ids !== undefined) {
    const { ids = '' } = queryOf(url, ['ids']);
    const records = await media.getMany(parseIds(ids).filter(isMediaId), ownerId);
    return sendJson(response, 200, { media: toMediaList(records, services.moderation) });
  }
  const { limit, page_token, ...filters } = parse(mediaSearchSchema, query);
  const found = await search.find(ownerId, filters, limit, page_token);
  const { records, nextPageToken, corrected, total } = found;
  sendJson(response, 200, {
    media: toMediaList(records, services.moderation),
    ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
    ...(corrected.length > 0 && { corrected }),
    ...(total !== undefined && { total }),
  });
};

const listMonths: Handle = async ({ response, query }, ownerId, { media }) => {
  const { time_zone, ...filters } = parse(mediaMonthsSchema, query);
  sendJson(response, 200, { months: await media.months(ownerId, filters, time_zone) });
};

const listLocations: Handle = async ({ response, query }, ownerId, { media }) => {
  const { limit, page_token } = parse(API_ROUTES.listLocations.query, query);
  const { locations, nextPageToken } = await media.locations(ownerId, limit, page_token);
  sendJson(response, 200, {
    locations,
    ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
  } satisfies LocationList);
};

const getMedia: Handle = async ({ response, params }, ownerId, services) => {
  const record = await services.media.get(mediaId(params), ownerId);
  sendJson(response, 200, toMedia(record, services.moderation));
};

const editMedia: Handle = async ({ request, response, params }, ownerId, services) => {
  const change = await readJson(request, editMediaSchema);
  const record = await services.media.edit(mediaId(params), ownerId, change);
  sendJson(response, 200, toMedia(record, services.moderation));
};

const retryMedia: Handle = async ({ response, params }, ownerId, services) => {
  const { media, places } = services;
  const id = mediaId(params);
  const record = await media.retry(id, ownerId, await places.nextState(ownerId));
  await places.settle(ownerId, [record]);
  sendJson(response, 202, toMedia(record, services.moderation));
};

const askMedia: Handle = async (call, ownerId, services) => {
  const { request, response, params } = call;
  const { media, places, model } = services;
  const body = hasBody(request.headers) ? await readJson(request, askBodySchema) : undefined;
  const asked = readAsked(params.name ?? '', body, model);
  const id = mediaId(params);
  const { made: record, isNew } = await makeOnce(
    call,
    {
      owner: { ownerId },
      asked: ['askMedia', id, asked],
      make: async (recordRequest) =>
        media.ask(id, ownerId, asked, await places.nextState(ownerId), recordRequest),
      find: () => media.get(id, ownerId),
    },
    services.acceptances,
  );
  if (isNew) await places.settle(ownerId, [record]);
  sendJson(response, 202, toMedia(record, services.moderation));
};

/** A caller without anything to say sends no body, or an empty one. */
function hasBody(headers: Call['request']['headers']): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || Number(length ?? 0) > 0;
}

const getAnalyses: Handle = async ({ response }, _ownerId, { model }) => {
  sendJson(response, 200, { analyses: listAnalyses(model) });
};

const getUsage: Handle = async ({ response, query }, ownerId, { usage, now }) => {
  const { month = monthOf(now()) } = parse(API_ROUTES.getUsage.query, query);
  sendJson(response, 200, await usage.ofMonth(ownerId, month));
};

type Rendition = 'original' | 'preview' | 'frames';

const OBJECTS: Record<Rendition, (record: MediaRecord) => string | null> = {
  original: ({ object }) => object,
  preview: ({ preview_object }) => preview_object,
  frames: ({ id, frames }) => (frames ? framesName(id) : null),
};

/**
 * Answers with a signed URL of one object of a media: 302, or as JSON for a script. A script on another origin could not
 * follow a redirect to Cloud Storage: the browser would say `Origin: null` there, which no bucket allows
 * (https://fetch.spec.whatwg.org/#concept-http-redirect-fetch).
 */
function signedAddress(which: Rendition, ttlMs: number): Handle {
  return async (call, ownerId, services) => {
    const record = await services.media.get(mediaId(call.params), ownerId);
    await sendAddress(call, record, which, ttlMs, services);
  };
}

/** The same of the preview of a media in the bin: people see what they bring back. */
function signedAddressInBin(ttlMs: number): Handle {
  return async (call, ownerId, services) => {
    const record = await services.media.bin.get(mediaId(call.params), ownerId);
    await sendAddress(call, record, 'preview', ttlMs, services);
  };
}

async function sendAddress(
  { request, response, query }: ContractCall,
  record: MediaRecord,
  which: Rendition,
  ttlMs: number,
  { objects, moderation }: ApiServices,
): Promise<void> {
  const name = OBJECTS[which](record);
  if (name === null) throw notStored(record, which);
  refuseHeld(record, moderation);
  if (which !== 'original' && record.frames && !showsFrames(moderation)) {
    throw new AppError(
      'media_held',
      `The frames of "${record.file_name}" are what its sender has chosen, and nobody has compared them with the video: they are not shown here. Play the video.`,
    );
  }
  const isSaved = query.download === 'true';
  const url = await objects.signedUrl(name, record.file_name, ttlMs, isSaved, record.content_type);
  if (request.headers.accept === 'application/json') sendJson(response, 200, { url });
  else sendRedirect(response, url);
}

function notStored({ file_name, object, status }: MediaRecord, which: Rendition): AppError {
  const none = which === 'frames' ? 'are no frames' : 'is no preview';
  if (object !== null) return new AppError('not_found', `There ${none} of "${file_name}".`);
  if (status === 'failed') return new AppError('not_found', `"${file_name}" could not be stored.`);
  return new AppError('not_ready', `"${file_name}" is not stored yet. Ask again in a moment.`);
}
