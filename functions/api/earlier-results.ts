/** The routes of the results that a media had before. */
import { analysisNamesSchema } from '@media-analysis/shared/api';
import { AppError } from '@media-analysis/shared/errors';
import type { EarlierResults } from '@media-analysis/shared/reanalyses';
import { z } from 'zod';
import { parse } from '../http/body.ts';
import { isMediaId, mediaId } from '../http/ids.ts';
import { sendJson } from '../http/respond.ts';
import type { Call } from '../http/router.ts';
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

type Handle = (call: Call, ownerId: string, services: EarlierResultServices) => Promise<void>;

const resultsQuerySchema = z.object({ analysis: analysisNamesSchema.element.optional() });

export const listResults: Handle = async ({ response, params, url }, ownerId, { media }) => {
  const { analysis } = parse(resultsQuerySchema, Object.fromEntries(url.searchParams));
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
