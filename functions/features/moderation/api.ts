import type { ApiFeature } from '../../core/parts.ts';
import { moderationOfRestored, moderationShown } from './moments.ts';
import { ModerationStore } from './store.ts';
import type { ModerationMode } from './withheld.ts';

/** Holds back what is unsafe, or was not judged. */
export const moderation: ApiFeature<{ MODERATION: ModerationMode }> = (kit) => {
  const { config, firestore, now } = kit;
  const shown = moderationShown(config.MODERATION);
  if (config.MODERATION === 'off') return { moments: shown };
  return { moments: { ...shown, ...moderationOfRestored(new ModerationStore(firestore, now)) } };
};
