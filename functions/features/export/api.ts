import { exportRoutes } from '@media-analysis/shared/export';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import { type EmbeddingSettings, searchOf } from '../search/vectors.ts';
import { downloadMany } from './download.ts';
import { exportMany, exportMedia } from './export.ts';

/** Tables, JSON and archives of many media. */
export const exports: ApiFeature<EmbeddingSettings> = (kit) => ({
  handlers: bound(
    exportRoutes,
    { exportMedia, exportMany, downloadMany },
    {
      ...kit,
      search: searchOf(kit),
      downloads: new ConcurrencyLimit({ each: 2, all: 8 }, 'downloads'),
    },
  ),
});
