import type { WorkerFeature } from '../../core/parts.ts';
import { moderationInWorker } from './moments.ts';
import { ModerationStore } from './store.ts';
import type { ModerationMode } from './withheld.ts';

/** Writes what a model says of the safety of a content. */
export const moderation: WorkerFeature<{ MODERATION: ModerationMode }> = {
  create: ({ config, firestore, now }) =>
    config.MODERATION === 'off'
      ? {}
      : { moments: moderationInWorker(new ModerationStore(firestore, now)) },
};
