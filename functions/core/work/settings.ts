/** How one media is worked on: its lease, its deliveries, and what is kept of it. */
import { flag, positiveInt, settingDocs } from '../../process/settings.ts';

/** A shorter delivery ends its calls sooner, so its setting stays allowed. */
export const DEFAULT_CALL_TIMEOUT_S = 60;

export const workShape = {
  CAPTURE_LOCATION: flag.default(false).register(settingDocs, {
    doc: '`on` keeps the place that a photo tells, and [its name](decisions/0054-names-of-places.md), by which it is found; the page links to it on a map. The name is looked up here, without a network',
    default: '`off`; with `npm start`, `on`',
  }),
  PREVIEW_MAX_SIDE: positiveInt.max(4096).optional().register(settingDocs, {
    doc: 'pixels. A small model of your own is quicker with 768',
    default: '1600 for `local/vision`, 1536 for Gemini 3 and `openai/`, else 768',
  }),
  CALL_TIMEOUT_S: positiveInt.default(DEFAULT_CALL_TIMEOUT_S).register(settingDocs, {
    doc: 'seconds that one call to a model may take for a photo, and three times as long for a video; at most `DELIVERY_BUDGET_S`. `local/` models have no such limit',
  }),
  // A second costs about a hundred tokens.
  MAX_VIDEO_S: positiveInt.default(600).register(settingDocs, {
    doc: 'seconds of the longest video that a paid model is sent',
  }),
  LEASE_S: positiveInt.default(30).register(settingDocs, {
    doc: 'seconds after which another delivery may take a media over, if the one that works on it is silent',
  }),
  MAX_DELIVERIES: positiveInt.default(8).register(settingDocs, {
    doc: 'deliveries of one phase of one attempt, before the media fails',
  }),
  // It must be less than the dispatch deadline and the unit's timeout.
  DELIVERY_BUDGET_S: positiveInt
    .default(240)
    .register(settingDocs, { doc: 'seconds that one delivery may work' }),
  SWEEP_QUIET_S: positiveInt.default(120).register(settingDocs, {
    doc: 'seconds that a media has to be quiet before the sweeper looks at it',
  }),
};
