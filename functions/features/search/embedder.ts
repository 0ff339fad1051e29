/** Who makes the vectors of a search, if it is a service. */
import { GeminiEmbedder } from '../../embedding/gemini-embedder.ts';
import type { SEARCH_SLICES } from '../../media/daily-spend.ts';
import { dailySpend } from '../spend/daily.ts';
import type { SpendSettings } from '../spend/settings.ts';

export interface EmbeddingSettings extends SpendSettings {
  EMBEDDING_MODEL: string;
  GEMINI_API_KEY?: string | undefined;
  GEMINI_BASE_URL?: string | undefined;
}

type Kit = Omit<Parameters<typeof dailySpend>[0], 'config'> & { config: EmbeddingSettings };

/** @returns undefined if vectors are made in this process */
export function embedderOf(kit: Kit, slices?: typeof SEARCH_SLICES): GeminiEmbedder | undefined {
  const { EMBEDDING_MODEL, GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: baseUrl } = kit.config;
  if (EMBEDDING_MODEL === 'local/words' || apiKey === undefined) return undefined;
  const { logger, now } = kit;
  return new GeminiEmbedder({ apiKey, baseUrl, spend: dailySpend(kit, slices), logger, now });
}
