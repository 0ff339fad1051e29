/** The buckets, and the addresses of what is in them. */
import { z } from 'zod';
import { positiveInt, settingDocs } from '../process/settings.ts';

export const bucketsShape = {
  STAGING_BUCKET: z
    .string()
    .min(1)
    .register(settingDocs, { doc: 'bucket to which files are sent' }),
  MEDIA_BUCKET: z
    .string()
    .min(1)
    .register(settingDocs, { doc: 'bucket of originals and previews' }),
};

export const signedUrlsShape = {
  SIGNED_URL_TTL_S: positiveInt
    .max(7 * 24 * 3600)
    .default(900)
    .register(settingDocs, { doc: 'seconds that a signed address works' }),
};
