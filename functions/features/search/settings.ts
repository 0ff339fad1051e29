import { z } from 'zod';
import { EMBEDDING_MODELS, type KeySettings } from '../../analysis/catalog/model-name.ts';
import { requireKeys } from '../../analysis/settings.ts';
import { type SettingsOf, settingDocs } from '../../process/settings.ts';

/** The api and the worker need the same embedder: vectors of different embedders cannot be compared. */
export const searchShape = {
  EMBEDDING_MODEL: z.enum(EMBEDDING_MODELS).default('local/words').register(settingDocs, {
    doc: '[who makes the vectors of a search](models.md#who-makes-the-vectors-of-a-search): also `googleai/gemini-embedding-2`',
  }),
};

export function requireEmbedderKey(
  config: SettingsOf<typeof searchShape> & KeySettings,
  context: z.RefinementCtx,
): void {
  requireKeys([config.EMBEDDING_MODEL], config, context);
}
