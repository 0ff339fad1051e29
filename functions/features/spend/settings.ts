/** Limits on the cost of calls to models. */
import { z } from 'zod';
import { positiveInt, type SettingsOf, settingDocs } from '../../process/settings.ts';

/** US dollars, or `off` for no limit. */
const dollars = z.union([
  z.literal('off').transform(() => Number.POSITIVE_INFINITY),
  z.coerce.number('a number of US dollars, or off').positive(),
]);

export const spendShape = {
  MAX_USD_PER_DAY: dollars.default(20).register(settingDocs, {
    doc: 'US dollars for models in a day (UTC), of all owners; `off`: no limit. [What is beyond waits](models.md#what-it-may-cost)',
  }),
  MAX_OWNER_USD_PER_DAY: dollars.default(5).register(settingDocs, { doc: 'the same, of an owner' }),
};
export type SpendSettings = SettingsOf<typeof spendShape>;

export const paidCallsShape = {
  MAX_PAID_CALLS: positiveInt.default(8).register(settingDocs, {
    doc: 'paid calls for one analysis of a media in a day',
  }),
};
