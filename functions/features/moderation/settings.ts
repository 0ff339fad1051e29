import { z } from 'zod';
import { type SettingsOf, settingDocs } from '../../process/settings.ts';

export const moderationShape = {
  MODERATION: z.enum(['off', 'hold']).default('off').register(settingDocs, {
    doc: '`hold`: what a model calls unsafe, or has not judged, [is held back](moderation.md)',
  }),
};

/** A signed address still works after a later verdict, so it is short-lived. */
const MAX_SIGNED_URL_S = { off: Number.POSITIVE_INFINITY, hold: 120 };

export function signedUrlTtlS({
  MODERATION,
  SIGNED_URL_TTL_S,
}: SettingsOf<typeof moderationShape> & { SIGNED_URL_TTL_S: number }): number {
  return Math.min(SIGNED_URL_TTL_S, MAX_SIGNED_URL_S[MODERATION]);
}
