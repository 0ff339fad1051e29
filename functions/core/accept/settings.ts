/** How many files the api takes at once. */
import { mebibytes, positiveInt, settingDocs } from '../../process/settings.ts';

export const acceptShape = {
  MAX_FILES: positiveInt.max(100).default(100).register(settingDocs, { doc: 'files in a form' }),
  MAX_FILE_BYTES: positiveInt
    .default(mebibytes(31))
    .register(settingDocs, { doc: 'bytes of a file in a form' }),
  // At most a quarter of the places of an instance.
  MAX_UPLOADS_IN_FLIGHT: positiveInt.default(10).register(settingDocs, {
    doc: 'an owner’s requests with files at once on an instance',
  }),
  // The other places stay free for reading.
  MAX_UPLOADS_PER_INSTANCE: positiveInt
    .default(32)
    .register(settingDocs, { doc: 'the same, of all owners' }),
  MAX_ANNOUNCED: positiveInt.default(1_000).register(settingDocs, {
    doc: 'an owner’s announced files that have not arrived',
  }),
};
