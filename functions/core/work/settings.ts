/** How one media is worked on: its lease, its deliveries, and what is kept of it. */
import { flag, positiveInt, settingDocs } from '../../process/settings.ts';

/** A shorter delivery ends its calls sooner, so its setting stays allowed. */
export const DEFAULT_CALL_TIMEOUT_S = 60;

export const workShape = {
  CAPTURE_LOCATION: flag.default(false).register(settingDocs, {
    doc: '`on` keeps the place in a photo’s metadata, and its name (looked up without a network)',
    default: '`off`; with `npm start`, `on`',
  }),
  PREVIEW_MAX_SIDE: positiveInt.max(4096).optional().register(settingDocs, {
    doc: 'pixels a side; small models are quicker with 768',
    default: '1600 for `local/vision`, 1536 for Gemini 3 and `openai/`, else 768',
  }),
  CALL_TIMEOUT_S: positiveInt.default(DEFAULT_CALL_TIMEOUT_S).register(settingDocs, {
    doc: 'seconds of a call to a model for a photo (a video: three times that), up to `DELIVERY_BUDGET_S`; not for `local/`',
  }),
  // A second costs about a hundred tokens.
  MAX_VIDEO_S: positiveInt.default(600).register(settingDocs, {
    doc: 'seconds of the longest video for a paid model',
  }),
  LEASE_S: positiveInt.default(30).register(settingDocs, {
    doc: 'seconds of silence until another delivery may take over',
  }),
  MAX_DELIVERIES: positiveInt.default(8).register(settingDocs, {
    doc: 'deliveries of a phase before the media fails',
  }),
  // It must be less than the dispatch deadline and the unit's timeout.
  DELIVERY_BUDGET_S: positiveInt
    .default(240)
    .register(settingDocs, { doc: 'seconds of work of a delivery' }),
  SWEEP_QUIET_S: positiveInt.default(120).register(settingDocs, {
    doc: 'seconds without a change until the sweep looks at a media',
  }),
};
