import { positiveInt, settingDocs } from '../../process/settings.ts';

export const reanalysesShape = {
  REANALYSIS_IN_FLIGHT: positiveInt.max(20).default(2).register(settingDocs, {
    doc: 'media of a reanalysis at a time',
  }),
};
