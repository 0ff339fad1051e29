/** The routes of earlier results, and of the owner's own words. */
import { editMediaSchema } from '@media-analysis/shared/edits';
import { AppError } from '@media-analysis/shared/errors';
import { type EarlierResults, resultRoutes } from '@media-analysis/shared/results';
import type { Moments } from '../../core/media/moments.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { toMedia } from '../../core/media/view.ts';
import { parse, readJson } from '../../http/body.ts';
import { ifMatch, sendTagged } from '../../http/conditions.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { isMediaId, mediaId } from '../../http/ids.ts';
import { sendJson } from '../../http/respond.ts';
import type { EarlierResults as EarlierResultStore } from './earlier-results.ts';

interface EarlierResultServices {
  media: MediaStore;
  results: EarlierResultStore;
  moments: Moments;
}

type Handle = (
  call: ContractCall,
  ownerId: string,
  services: EarlierResultServices,
) => Promise<void>;

const listResults: Handle = async (
  { response, params, query },
  ownerId,
  { media, results: earlier },
) => {
  const { analysis } = parse(resultRoutes.listResults.query, query);
  const { id } = await media.get(mediaId(params), ownerId);
  const results = await earlier.list(id, analysis);
  sendJson(response, 200, { results } satisfies EarlierResults);
};

const restoreResult: Handle = async (call, ownerId, services) => {
  const { results, moments } = services;
  const { result = '' } = call.params;
  const id = mediaId(call.params);
  if (!isMediaId(result)) throw new AppError('not_found', 'There is no earlier result of that id.');
  const record = await results.restore(id, result, ownerId);
  sendTagged(call, 200, toMedia(record, moments));
};

const editMedia: Handle = async (call, ownerId, services) => {
  const { media, moments } = services;
  const check = ifMatch(call, (present: MediaRecord) => toMedia(present, moments));
  const wanted = await readJson(call.request, editMediaSchema);
  const record = await media.change(mediaId(call.params), ownerId, (present) => {
    check(present);
    return moments.editing(present, wanted);
  });
  sendTagged(call, 200, toMedia(record, moments));
};

export const resultHandlers = { listResults, restoreResult, editMedia };
