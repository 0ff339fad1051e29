import { positiveInt, settingDocs } from '../../process/settings.ts';

export const reanalysesShape = {
  REANALYSIS_IN_FLIGHT: positiveInt.max(20).default(2).register(settingDocs, {
    doc: 'media of one reanalysis that are asked about at a time. The same number for both: the quote tells the time by it',
  }),
};
