import { type ApiFeature, bound } from '../../core/parts.ts';
import { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import { MediaSearch } from '../search/media-search.ts';
import { type EmbeddingSettings, embedderOf } from '../search/vectors.ts';
import { SEARCH_SLICES } from '../spend/daily-spend.ts';
import { downloadMany } from './download.ts';
import { exportMany, exportMedia } from './export.ts';

/** Tables, JSON and archives of many media. */
export const exports: ApiFeature<EmbeddingSettings> = (kit) => ({
  handlers: bound(
    { exportMedia, exportMany, downloadMany },
    {
      ...kit,
      search: new MediaSearch(kit.firestore, kit.media, embedderOf(kit, SEARCH_SLICES)),
      downloads: new ConcurrencyLimit({ each: 2, all: 8 }, 'downloads'),
    },
  ),
});
