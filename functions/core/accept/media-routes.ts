/** The routes of the core: files come in, are looked at and tried again, are asked about, and their bytes go out. */
import { analysisRoutes } from '@media-analysis/shared/analyses';
import { AppError } from '@media-analysis/shared/errors';
import { mediaRoutes, previewQuery } from '@media-analysis/shared/media';
import { uploadRoutes } from '@media-analysis/shared/uploads';
import { z } from 'zod';
import { hasBody, parse, readJson } from '../../http/body.ts';
import { sendTagged } from '../../http/conditions.ts';
import type { ContractCall, Handlers } from '../../http/contract-route.ts';
import { mediaId } from '../../http/ids.ts';
import { sendJson, sendRedirect } from '../../http/respond.ts';
import { framesName } from '../../storage/objects.ts';
import type { Rendition } from '../media/moments.ts';
import type { MediaRecord } from '../media/record.ts';
import { toMedia } from '../media/view.ts';
import { listAnalyses, readAsked } from './analyses.ts';
import { makeOnce } from './make-once.ts';
import type { MultipartDeps } from './multipart-source.ts';
import { addFrames, analyzeMedia, closeUploads, uploadMedia } from './routes.ts';

export interface MediaServices extends MultipartDeps {
  /** How long a signed address of an object works. */
  signedUrlTtlMs: number;
}

type ServedHandle = (call: ContractCall, ownerId: string, services: MediaServices) => Promise<void>;

export const CORE_ROUTES = { ...uploadRoutes, ...mediaRoutes, ...analysisRoutes };

export function coreHandlers() {
  return {
    analyzeMedia,
    uploadMedia,
    closeUploads,
    addFrames,
    getMedia,
    getContent: signedAddress('original'),
    getPreview: signedAddress('preview'),
    getFrames: signedAddress('frames'),
    retryMedia,
    askMedia,
    getAnalyses,
  } satisfies Handlers<typeof CORE_ROUTES, ServedHandle>;
}

const askBodySchema = z.unknown();

const getMedia: ServedHandle = async (call, ownerId, services) => {
  const record = await services.media.get(mediaId(call.params), ownerId);
  sendTagged(call, 200, toMedia(record, services.moments));
};

const retryMedia: ServedHandle = async (call, ownerId, services) => {
  const { media, places } = services;
  const id = mediaId(call.params);
  const record = await media.retry(id, ownerId, await places.nextState(ownerId));
  await places.settle(ownerId, [record]);
  sendTagged(call, 202, toMedia(record, services.moments));
};

const askMedia: ServedHandle = async (call, ownerId, services) => {
  const { request, params } = call;
  const { media, places, model } = services;
  const body = hasBody(request) ? await readJson(request, askBodySchema) : undefined;
  const asked = readAsked(params.name ?? '', body, model);
  const id = mediaId(params);
  const { made: record, isNew } = await makeOnce(
    call,
    {
      owner: { ownerId },
      asked: ['askMedia', id, asked],
      make: async (recordRequest) =>
        media.ask(id, ownerId, asked, await places.nextState(ownerId), async (transaction) => {
          await recordRequest?.(transaction, id);
          return undefined;
        }),
      find: () => media.get(id, ownerId),
    },
    services.acceptances,
  );
  if (isNew) await places.settle(ownerId, [record]);
  sendTagged(call, 202, toMedia(record, services.moments));
};

const getAnalyses: ServedHandle = async ({ response }, _ownerId, { model }) => {
  sendJson(response, 200, { analyses: listAnalyses(model) });
};

const OBJECTS: Record<Rendition, (record: MediaRecord, isSmall: boolean) => string | null> = {
  original: ({ object }) => object,
  preview: ({ preview_object, small_object }, isSmall) =>
    (isSmall && small_object) || preview_object,
  frames: ({ id, frames }) => (frames ? framesName(id) : null),
};

/**
 * Answers with a signed URL of one object of a media: 302, or as JSON for a script. A script on another origin could not
 * follow a redirect to Cloud Storage: the browser would say `Origin: null` there, which no bucket allows
 * (https://fetch.spec.whatwg.org/#concept-http-redirect-fetch).
 */
function signedAddress(which: Rendition): ServedHandle {
  return async (call, ownerId, services) => {
    const record = await services.media.get(mediaId(call.params), ownerId);
    await sendAddress(call, record, which, services);
  };
}

export async function sendAddress(
  { request, response, query }: ContractCall,
  record: MediaRecord,
  which: Rendition,
  {
    objects,
    moments,
    signedUrlTtlMs,
  }: Pick<MediaServices, 'objects' | 'moments' | 'signedUrlTtlMs'>,
): Promise<void> {
  const { size, download } = parse(previewQuery, query);
  const name = OBJECTS[which](record, size === 'small');
  if (name === null) throw notStored(record, which);
  moments.serving(record, which);
  const isSaved = download === 'true';
  const url = await objects.signedUrl(
    name,
    record.file_name,
    signedUrlTtlMs,
    isSaved,
    record.content_type,
  );
  if (request.headers.accept === 'application/json') sendJson(response, 200, { url });
  else sendRedirect(response, url);
}

function notStored({ file_name, object, status }: MediaRecord, which: Rendition): AppError {
  const none = which === 'frames' ? 'are no frames' : 'is no preview';
  if (object !== null) return new AppError('not_found', `There ${none} of "${file_name}".`);
  if (status === 'failed') return new AppError('not_found', `"${file_name}" could not be stored.`);
  return new AppError('not_ready', `"${file_name}" is not stored yet. Ask again in a moment.`);
}
