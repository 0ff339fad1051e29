/** The route for lists and searches. */
import { mediaSearchSchema } from '@media-analysis/shared/search';
import type { Moments } from '../../core/media/moments.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { toMediaList } from '../../core/media/view.ts';
import { parse } from '../../http/body.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { isMediaId, parseIds } from '../../http/ids.ts';
import { queryOf } from '../../http/query.ts';
import { sendJson } from '../../http/respond.ts';
import type { MediaSearch } from './search.ts';

interface SearchServices {
  media: MediaStore;
  search: MediaSearch;
  moments: Moments;
}

type Handle = (call: ContractCall, ownerId: string, services: SearchServices) => Promise<void>;

export const listMedia: Handle = async ({ response, url, query }, ownerId, services) => {
  const { media, search } = services;
  if (query.ids !== undefined) {
    const { ids = '' } = queryOf(url, ['ids']);
    const records = await media.getMany(parseIds(ids).filter(isMediaId), ownerId);
    return sendJson(response, 200, { media: toMediaList(records, services.moments) });
  }
  const { limit, page_token, ...filters } = parse(mediaSearchSchema, query);
  const found = await search.find(ownerId, filters, limit, page_token);
  const { records, nextPageToken, total, isOnlyNear } = found;
  sendJson(response, 200, {
    media: toMediaList(records, services.moments),
    ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
    ...(total !== undefined && { total }),
    ...(isOnlyNear && { only_near: true }),
  });
};
