import { searchRoutes } from '@media-analysis/shared/search';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { searchMoments } from './moments.ts';
import { listMedia } from './routes.ts';
import { type EmbeddingSettings, searchOf } from './vectors.ts';

/** Lists and searches. */
export const search: ApiFeature<EmbeddingSettings> = (kit) => ({
  moments: searchMoments,
  handlers: bound(searchRoutes, { listMedia }, { ...kit, search: searchOf(kit) }),
});
