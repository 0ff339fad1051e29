import type { ApiFeature } from '../../core/parts.ts';
import type { ModerationMode } from './held.ts';
import { moderationShown } from './moments.ts';

/** Holds back what is unsafe, or was not judged. */
export const moderation: ApiFeature<{ MODERATION: ModerationMode }> = ({ config }) => ({
  moments: moderationShown(config.MODERATION),
});
