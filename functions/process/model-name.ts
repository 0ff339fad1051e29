/**
 * The full name of a model, as an operator writes it: its provider, a slash, and the provider's own name for it.
 * What is known of each model is in `analysis/profiles.ts`.
 */

/** The model that examples, tests and documents name. Nowhere else in the code is it written out. */
export const EXAMPLE_GEMINI = 'gemini-3.5-flash-lite';

const PROVIDERS = ['googleai', 'vertexai', 'local'] as const;
export type Provider = (typeof PROVIDERS)[number];

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
export function providerOf(model: string): Provider | undefined {
  const provider = model.split('/', 1)[0];
  return PROVIDERS.find((known) => known === provider);
}
