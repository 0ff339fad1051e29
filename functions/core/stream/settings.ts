/** How many streams there may be, and how long each one lasts. */
import { positiveInt, settingDocs } from '../../process/settings.ts';

export const streamsShape = {
  // At most a quarter of the places of an instance.
  MAX_STREAMS: positiveInt.default(50).register(settingDocs, {
    doc: 'open streams of an owner on an instance',
  }),
  // The other places stay free, e.g. for `/health`.
  MAX_STREAMS_PER_INSTANCE: positiveInt
    .default(950)
    .register(settingDocs, { doc: 'the same, of all owners' }),
  HEARTBEAT_S: positiveInt
    .default(15)
    .register(settingDocs, { doc: 'seconds between signs of life on a stream' }),
  // Before the platform's limit of 60 minutes, so that its client reconnects without an error.
  MAX_STREAM_S: positiveInt.max(3_600).default(3_300).register(settingDocs, {
    doc: 'seconds of a stream, or up to a tenth less',
  }),
};
