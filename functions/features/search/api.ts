import { type ApiFeature, bound } from '../../core/parts.ts';
import { SEARCH_SLICES } from '../spend/daily-spend.ts';
import { MediaSearch } from './media-search.ts';
import { searchMoments } from './moments.ts';
import { listMedia } from './routes.ts';
import { type EmbeddingSettings, embedderOf } from './vectors.ts';

/** Lists and searches. */
export const search: ApiFeature<EmbeddingSettings> = (kit) => {
  const found = new MediaSearch(kit.firestore, kit.media, embedderOf(kit, SEARCH_SLICES));
  return {
    moments: searchMoments,
    handlers: bound({ listMedia }, { ...kit, search: found }),
  };
};
