/** The features of the stream unit, in the order in which the core calls them. */
import type { StreamFeature } from '../core/parts.ts';
import { library } from '../features/library/stream.ts';
import { metadata } from '../features/metadata/stream.ts';
import { moderation } from '../features/moderation/stream.ts';
import { reanalyses } from '../features/reanalyses/stream.ts';
import { results } from '../features/results/stream.ts';
import { search } from '../features/search/stream.ts';
import type { StreamConfig } from './config.ts';

export const FEATURES: readonly StreamFeature<StreamConfig>[] = [
  moderation,
  results,
  metadata,
  search,
  library,
  reanalyses,
];
