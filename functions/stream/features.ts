/** The features that change what the stream shows of a media, in the order in which the core calls them. */
import type { Feature } from '../core/media/moments.ts';
import { moderationShown } from '../features/moderation/moments.ts';
import { editsShown } from '../features/results/moments.ts';
import { takenShown } from '../features/search/shown.ts';
import type { StreamConfig } from './config.ts';

export function features({ MODERATION }: StreamConfig): Feature[] {
  return [moderationShown(MODERATION), editsShown, takenShown];
}
