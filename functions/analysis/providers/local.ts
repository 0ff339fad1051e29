/** Our own models, which need no key and no network: `local/vision` and `local/facts`. */
import { INTERNAL } from '../classified.ts';
import { localLanguage } from '../local/language.ts';
import { FREE, PLAIN_PROFILE, type Provider } from './provider.ts';

export const local: Provider = {
  id: 'local',
  profile: (name) => ({
    ...PLAIN_PROFILE,
    provider: 'local',
    name,
    takesPictures: name === 'vision',
    // `vision` needs this size to read street signs, and it is free. For `facts` only people see the preview.
    previewSide: name === 'vision' ? 1_600 : 768,
    maxOutputTokens: Number.POSITIVE_INFINITY,
    inputTokens: { picture: 0, frame: 0 },
    price: FREE,
  }),
  async define(ai) {
    const { defineLocalModels } = await import('../local/models.ts');
    defineLocalModels(ai);
  },
  callConfig: () => ({}),
  readError: () => INTERNAL,
  isFreeOfCharge: () => false,
  exists: async () => true,
  // Only other providers' models can refuse access or be missing.
  advice: { noAccess: '', unpaid: '', example: 'local/vision' },
  ours: { language: localLanguage },
};
