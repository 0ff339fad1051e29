import { importRoutes } from '@media-analysis/shared/imports';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { importsOfOwner } from './moments.ts';
import { ImportQueue } from './queue.ts';
import { importHandlers } from './routes.ts';
import { importableBuckets } from './settings.ts';
import { ImportStore } from './store.ts';

type Settings = Parameters<typeof importableBuckets>[0] & {
  ANALYSIS_MODEL: string;
  WEBHOOK_LOOPBACK: 'refuse' | 'allow';
};

/** Files that lie in a bucket, or at addresses of the web. */
export const imports: ApiFeature<Settings> = (kit) => {
  const { config, firestore } = kit;
  return {
    moments: importsOfOwner,
    handlers: bound(importRoutes, importHandlers, {
      ...kit,
      queue: new ImportQueue(kit.queue),
      imports: new ImportStore(firestore),
      importBuckets: importableBuckets(config),
      model: config.ANALYSIS_MODEL,
      loopback: config.WEBHOOK_LOOPBACK,
    }),
  };
};
