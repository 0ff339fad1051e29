import type { WorkerFeature } from '../../core/parts.ts';
import { type EmbeddingSettings, embedderOf } from './vectors.ts';
import { searchInWorker } from './moments.ts';

/** Makes what media are found by. */
export const search: WorkerFeature<EmbeddingSettings> = {
  create: (kit) => ({ moments: searchInWorker({ ...kit, embedder: embedderOf(kit) }) }),
};
