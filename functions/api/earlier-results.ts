/** The routes of the results that a media had before. */
import { AppError } from '@media-analysis/shared/errors';
import { type EarlierResults, resultRoutes } from '@media-analysis/shared/results';
import { parse } from '../http/body.ts';
import type { ContractCall } from '../http/contract-route.ts';
import { isMediaId, mediaId } from '../http/ids.ts';
import { sendJson } from '../http/respond.ts';
import type { ModerationMode } from '../media/held.ts';
import type { ModerationStore } from '../media/moderation.ts';
import { toMedia } from '../media/record.ts';
import type { MediaStore } from '../media/store.ts';

interface EarlierResultServices {
  media: MediaStore;
  moderation: ModerationMode;
  /** Absent while moderation is off. */
  verdicts?: Pick<ModerationStore, 'judge'> | undefined;
}

type Handle = (
  call: ContractCall,
  ownerId: string,
  services: EarlierResultServices,
) => Promise<void>;

export const listResults: Handle = async ({ response, params, query }, ownerId, { media }) => {
  const { analysis } = parse(resultRoutes.listResults.query, query);
  const { id } = await media.get(mediaId(params), ownerId);
  const results = await media.results.list(id, analysis);
  sendJson(response, 200, { results } satisfies EarlierResults);
};

export const restoreResult: Handle = async ({ response, params }, ownerId, services) => {
  const { media, moderation, verdicts } = services;
  const { result = '' } = params;
  const id = mediaId(params);
  if (!isMediaId(result)) throw new AppError('not_found', 'There is no earlier result of that id.');
  const record = await media.results.restore(id, result, ownerId, verdicts);
  sendJson(response, 200, toMedia(record, moderation));
};
