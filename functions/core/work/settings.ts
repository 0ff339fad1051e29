/** How one media is worked on: its lease, its deliveries, and what is kept of it. */
import { flag, positiveInt, settingDocs } from '../../process/settings.ts';

/** A shorter delivery ends its calls sooner, so its setting stays allowed. */
export const DEFAULT_CALL_TIMEOUT_S = 60;

export const workShape = {
  CAPTURE_LOCATION: flag.default(false).register(settingDocs, {
    doc: '`on` keeps the place that a photo tells, and its name, by which it is found. The name is looked up without a network',
    default: '`off`; with `npm start`, `on`',
  }),
  PREVIEW_MAX_SIDE: positiveInt.max(4096).optional().register(settingDocs, {
    doc: 'pixels a side. A small model of your own is quicker with 768',
    default: '1600 for `local/vision`, 1536 for Gemini 3 and `openai/`, else 768',
  }),
  CALL_TIMEOUT_S: positiveInt.default(DEFAULT_CALL_TIMEOUT_S).register(settingDocs, {
    doc: 'seconds of a call to a model for a photo, three times as long for a video; at most `DELIVERY_BUDGET_S`. Not for `local/`',
  }),
  // A second costs about a hundred tokens.
  MAX_VIDEO_S: positiveInt.default(600).register(settingDocs, {
    doc: 'seconds of the longest video that a paid model is sent',
  }),
  LEASE_S: positiveInt.default(30).register(settingDocs, {
    doc: 'seconds of silence after which another delivery may take a media over',
  }),
  MAX_DELIVERIES: positiveInt.default(8).register(settingDocs, {
    doc: 'deliveries of one phase of an attempt, before the media fails',
  }),
  // It must be less than the dispatch deadline and the unit's timeout.
  DELIVERY_BUDGET_S: positiveInt
    .default(240)
    .register(settingDocs, { doc: 'seconds that one delivery may work' }),
  SWEEP_QUIET_S: positiveInt.default(120).register(settingDocs, {
    doc: 'seconds without a change before the sweep looks at a media',
  }),
};
