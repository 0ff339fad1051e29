/** Which models are asked, and what their providers need. */
import { z } from 'zod';
import { isPrivateAddress } from '../outbound/private-address.ts';
import {
  type Environment,
  flag,
  list,
  load,
  type SettingsOf,
  settingDocs,
} from '../process/settings.ts';
import {
  EXAMPLE_GEMINI,
  isModelName,
  type KeySettings,
  namingOf,
  VERTEX_LOCATIONS,
} from './catalog/model-name.ts';

/** `googleai/…` (Gemini API), `vertexai/…`, `openai/…`, `local/vision` or `local/facts`. */
const modelName = z
  .string()
  .refine(
    isModelName,
    `local/vision, local/facts, or a model with its provider, such as googleai/${EXAMPLE_GEMINI} or openai/NAME`,
  );

/** The server gets pictures and a key, so what leaves the operator's own network is encrypted. */
const serverUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || isPrivateAddress(url),
    'https://…, because pictures and a key are sent there; http:// only for an address of this machine or network',
  )
  .transform((url) => url.replace(/\/+$/, ''));

/** US dollars for a million tokens: of the prompt, and of the answer. */
const price = z
  .string()
  .regex(/^\s*\d+(\.\d+)?\s*,\s*\d+(\.\d+)?\s*$/, 'two prices in US dollars, such as 0.15,0.60')
  .transform((text) => {
    const [input = 0, output = 0] = text.split(',').map(Number);
    return { input, output };
  });

/** The worker asks these models. The api offers what they can be asked. */
export const modelsShape = {
  ANALYSIS_MODEL: modelName.default('local/vision').register(settingDocs, {
    doc: '[the model](models.md)',
  }),
  MODEL_FALLBACK: list.pipe(z.array(modelName)).default([]).register(settingDocs, {
    doc: 'models to ask, in this order, [while those before do not answer](models.md#when-nobody-is-answered)',
  }),
};
export type ModelSettings = SettingsOf<typeof modelsShape>;

/** Where models are asked. The tiers that can be asked for depend on it, so the api reads it too. */
export const providersShape = {
  GEMINI_API_KEY: z
    .string()
    .min(1)
    .optional()
    .register(settingDocs, { doc: 'key of `googleai/` models' }),
  GEMINI_BASE_URL: z.url().optional().register(settingDocs, {
    doc: 'address of the Gemini API',
    default: 'Google',
  }),
  OPENAI_BASE_URL: serverUrl.optional().register(settingDocs, {
    doc: 'address of `openai/` models before `/chat/completions`; in your own network without key or `https`',
    default: 'OpenAI',
  }),
  OPENAI_FLEX: flag.optional().register(settingDocs, {
    doc: '`on` or `off`: whether that server has the [tier `flex`](models.md#half-the-price-the-tier-flex); else only OpenAI has',
  }),
  // No single region serves current models: https://docs.cloud.google.com/gemini-enterprise-agent-platform/models
  VERTEX_LOCATION: z.enum(VERTEX_LOCATIONS).default('global').register(settingDocs, {
    doc: 'of `vertexai/` models; `us` or `eu` keep the data there',
  }),
};

/** Only who asks a server of `openai/` models reads these. */
export const openaiShape = {
  OPENAI_API_KEY: z
    .string()
    .min(1)
    .optional()
    .register(settingDocs, { doc: 'key of `openai/` models' }),
  OPENAI_PRICE: price.optional().register(settingDocs, {
    doc: 'US dollars for a million tokens of prompt and answer of `openai/` models, such as `0.15,0.60`. Without it [each call counts at the dearest rates](models.md#a-server-of-your-own), on this machine nothing',
  }),
};

const providerSettings = z.object({
  ...providersShape,
  ...openaiShape,
  GOOGLE_CLOUD_PROJECT: z.string().min(1).optional(),
});
export type ProviderSettings = z.infer<typeof providerSettings>;

/** For a command that asks a model by itself. */
export const loadProviderSettings = (env?: Environment): ProviderSettings =>
  load(providerSettings, env);

/** Adds an issue for the first of the models whose provider needs a key that is not there. */
export function requireKeys(
  models: readonly string[],
  config: KeySettings,
  context: z.RefinementCtx,
): void {
  for (const model of models) {
    const key = namingOf(model)?.key;
    if (!key?.isNeeded(config) || config[key.setting] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [key.setting], message: key.message });
    return;
  }
}
