/**
 * The full name of a model, as an operator writes it: its provider, a slash, and the provider's own name for it. This file is
 * for the configuration, which every cold start reads. What is known of each provider and model is in `analysis/providers/`.
 */
import { isPrivateAddress } from '../../outbound/private-address.ts';

/** The model that examples, tests and documents name. Nowhere else in the code is it written out. */
export const EXAMPLE_GEMINI = 'gemini-3.5-flash-lite';

/** Who may make the vectors that a search compares (`functions/features/search/embedder.ts`). */
export const EMBEDDING_MODELS = ['local/words', 'googleai/gemini-embedding-2'] as const;

/** Where `openai/` models are asked if no other address is set. */
export const OPENAI_URL = 'https://api.openai.com/v1';

/** The settings that have providers' keys. */
export type KeySetting = 'GEMINI_API_KEY' | 'OPENAI_API_KEY';

/** The settings that decide whether a provider needs a key. */
export type KeySettings = { [Name in KeySetting | 'OPENAI_BASE_URL']?: string | undefined };

/** The settings that decide whether a provider has the tier `flex`. */
interface FlexSettings {
  VERTEX_LOCATION?: string | undefined;
  OPENAI_BASE_URL?: string | undefined;
  OPENAI_FLEX?: boolean | undefined;
}

interface Naming {
  /** Allowed names of the provider's models, after the slash. */
  readonly names: RegExp;
  /** The setting that has the provider's key, and what is said if it is needed and not there. */
  readonly key?: {
    readonly setting: KeySetting;
    /** Its name in Secret Manager, and in Terraform with underscores. */
    readonly secret: string;
    readonly isNeeded: (settings: KeySettings) => boolean;
    readonly message: string;
  };
  /** Whether the provider asks for an account of Google Cloud, which the units have only where they are deployed. */
  readonly needsGoogleCloud?: boolean;
  /** Whether its models take videos. */
  readonly takesVideos: boolean;
  /** Whether the provider takes questions that may wait, for half the price. */
  readonly offersFlex?: (settings: FlexSettings) => boolean;
}

export const PROVIDERS = {
  googleai: {
    names: /^[\w.-]+$/,
    key: {
      setting: 'GEMINI_API_KEY',
      secret: 'gemini-api-key',
      isNeeded: () => true,
      message: 'a googleai/ model needs a key of the Gemini API',
    },
    takesVideos: true,
    offersFlex: () => true,
  },
  vertexai: {
    names: /^[\w.-]+$/,
    takesVideos: true,
    needsGoogleCloud: true,
    // https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/flex-paygo
    offersFlex: ({ VERTEX_LOCATION = 'global' }) => VERTEX_LOCATION === 'global',
  },
  local: { names: /^(vision|facts)$/, takesVideos: true },
  openai: {
    // For example `gpt-5-mini`, `qwen2.5vl:7b` and `google/gemma-3-27b-it`.
    names: /^\w[\w.:/@+-]*$/,
    takesVideos: false,
    key: {
      setting: 'OPENAI_API_KEY',
      secret: 'openai-api-key',
      // A server on this machine or in the operator's own network mostly has none.
      isNeeded: ({ OPENAI_BASE_URL = OPENAI_URL }) => !isPrivateAddress(OPENAI_BASE_URL),
      message: 'an openai/ model at a public address needs a key (see OPENAI_BASE_URL)',
    },
    // https://developers.openai.com/api/docs/guides/flex-processing. Other servers do not know it, or it costs as much.
    offersFlex: ({ OPENAI_BASE_URL = OPENAI_URL, OPENAI_FLEX }) =>
      OPENAI_FLEX ?? OPENAI_BASE_URL === OPENAI_URL,
  },
} satisfies Record<string, Naming>;
export type ProviderId = keyof typeof PROVIDERS;

/**
 * The places where Vertex AI serves a model: `global` is Google's word for "everywhere"; `us` and `eu` keep the data
 * there. (u) Not every model is in every place; no single region serves models of generation 3.
 */
export const VERTEX_LOCATIONS = ['global', 'us', 'eu'] as const;

/**
 * The provider of a model, or undefined if this code knows none of that name.
 *
 * @param model The full name.
 * @example providerOf('googleai/gemini-3.5-flash-lite') // 'googleai'
 */
export function providerOf(model: string): ProviderId | undefined {
  const provider = model.split('/', 1)[0] ?? '';
  return Object.hasOwn(PROVIDERS, provider) ? (provider as ProviderId) : undefined;
}

/** The configuration's facts about a model's provider. */
export function namingOf(model: string): Naming | undefined {
  const provider = providerOf(model);
  return provider && PROVIDERS[provider];
}

/** Whether a question to this model may have the tier `flex`. */
export function offersFlex(model: string, settings: FlexSettings): boolean {
  return namingOf(model)?.offersFlex?.(settings) ?? false;
}

/** Whether this model can be asked about a video. */
export function takesVideos(model: string): boolean {
  return namingOf(model)?.takesVideos ?? false;
}

/** Without its provider: `google/gemma-3` for `openai/google/gemma-3`. */
export function nameOf(model: string): string {
  return model.slice(model.indexOf('/') + 1);
}

/** As much as a request may name. Receipts are kept by model, and Firestore takes names of at most 1,500 bytes. */
const MAX_NAME = 200;

/** Whether this is the full name of a model that may be there: a known provider, and a name as it gives them. */
export function isModelName(model: string): boolean {
  if (model.length > MAX_NAME || !model.includes('/')) return false;
  return namingOf(model)?.names.test(nameOf(model)) ?? false;
}
