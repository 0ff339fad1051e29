import type { ApiFeature } from '../../core/parts.ts';
import type { ModerationMode } from './held.ts';
import { ModerationStore } from './moderation.ts';
import { moderationOfRestored, moderationShown } from './moments.ts';

/** Holds back what is unsafe, or was not judged. */
export const moderation: ApiFeature<{ MODERATION: ModerationMode }> = (kit) => {
  const { config, firestore, now } = kit;
  const shown = moderationShown(config.MODERATION);
  if (config.MODERATION === 'off') return { moments: shown };
  return { moments: { ...shown, ...moderationOfRestored(new ModerationStore(firestore, now)) } };
};
