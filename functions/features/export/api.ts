import { downloadMany } from '../../api/download.ts';
import { exportMany, exportMedia } from '../../api/export.ts';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import { SEARCH_SLICES } from '../../media/daily-spend.ts';
import { MediaSearch } from '../../media/media-search.ts';
import { type EmbeddingSettings, embedderOf } from '../search/embedder.ts';

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
