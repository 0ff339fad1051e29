/** Buckets whose files become media: when a backend asks for it, or by themselves. */
import { z } from 'zod';
import { list, type SettingsOf, settingDocs } from '../../process/settings.ts';
import { arrivalRulesSchema, bucketName } from './arrival-rules.ts';

export const importsShape = {
  // None by default, because the service may read more buckets than its callers should.
  IMPORT_BUCKETS: list.pipe(z.array(bucketName)).default([]).register(settingDocs, {
    doc: 'buckets from which backends may [import](imports.md); `npm start` makes them',
  }),
};

export const arrivalsShape = {
  IMPORT_NEW_OBJECTS: arrivalRulesSchema.default([]).register(settingDocs, {
    doc: '[buckets whose new objects become media](imports.md#new-objects-by-themselves), as JSON',
  }),
};
export type ArrivalSettings = SettingsOf<typeof arrivalsShape>;

interface OwnBuckets {
  STAGING_BUCKET: string;
  MEDIA_BUCKET: string;
}

/** The service's own buckets are left out: they have the files of all owners. */
export function importableBuckets({
  IMPORT_BUCKETS,
  STAGING_BUCKET,
  MEDIA_BUCKET,
}: SettingsOf<typeof importsShape> & OwnBuckets): readonly string[] {
  return IMPORT_BUCKETS.filter((bucket) => ![STAGING_BUCKET, MEDIA_BUCKET].includes(bucket));
}

/** The service's own buckets would be imported again and again. */
export function refuseOwnBuckets(
  { IMPORT_NEW_OBJECTS: rules, STAGING_BUCKET, MEDIA_BUCKET }: ArrivalSettings & OwnBuckets,
  context: z.RefinementCtx,
): void {
  for (const [n, { bucket }] of rules.entries()) {
    if (![STAGING_BUCKET, MEDIA_BUCKET].includes(bucket)) continue;
    const path = ['IMPORT_NEW_OBJECTS', n, 'bucket'];
    context.addIssue({ code: 'custom', path, message: 'not a bucket of this service' });
  }
}
