import type { StreamFeature } from '../../core/parts.ts';
import { moderationShown } from './moments.ts';
import type { ModerationMode } from './withheld.ts';

/** Says of a media that it is held back. */
export const moderation: StreamFeature<{ MODERATION: ModerationMode }> = ({ config }) => ({
  moments: moderationShown(config.MODERATION),
});
