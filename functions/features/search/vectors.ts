/** Creates the embedder and the search from the settings. */
import type { Firestore } from '@google-cloud/firestore';
import type { MediaStore } from '../../core/media/store.ts';
import { SEARCH_SLICES } from '../spend/daily-spend.ts';
import type { SpendSettings } from '../spend/settings.ts';
import { dailySpend } from '../spend/shared-spend.ts';
import { GeminiEmbedder } from './gemini-embedder.ts';
import { MediaSearch } from './search.ts';

export interface EmbeddingSettings extends SpendSettings {
  EMBEDDING_MODEL: string;
  GEMINI_API_KEY?: string | undefined;
  GEMINI_BASE_URL?: string | undefined;
}

type Kit = Omit<Parameters<typeof dailySpend>[0], 'config'> & { config: EmbeddingSettings };

const made = new WeakMap<Firestore, GeminiEmbedder>();

/**
 * @returns the same object for each caller, because it remembers what was asked and whether the service answers; undefined if the
 *   vectors are made in this process
 */
export function embedderOf(kit: Kit, slices?: typeof SEARCH_SLICES): GeminiEmbedder | undefined {
  const { EMBEDDING_MODEL, GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: baseUrl } = kit.config;
  if (EMBEDDING_MODEL === 'local/words' || apiKey === undefined) return undefined;
  const { firestore, logger, now } = kit;
  const spend = dailySpend(kit, slices);
  const embedder =
    made.get(firestore) ?? new GeminiEmbedder({ apiKey, baseUrl, spend, logger, now });
  made.set(firestore, embedder);
  return embedder;
}

/** For a unit that only searches: it reserves little money at a time. */
export function searchOf(kit: Kit & { media: MediaStore }): MediaSearch {
  return new MediaSearch(kit.firestore, kit.media, embedderOf(kit, SEARCH_SLICES));
}
