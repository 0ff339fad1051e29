import type { WorkerFeature } from '../../core/parts.ts';
import { searchInWorker } from './moments.ts';
import { type EmbeddingSettings, embedderOf } from './vectors.ts';

/** Makes what media are found by. */
export const search: WorkerFeature<EmbeddingSettings> = {
  create: (kit) => ({ moments: searchInWorker({ ...kit, embedder: embedderOf(kit) }) }),
};
