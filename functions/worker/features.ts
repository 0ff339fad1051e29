/** The features of the worker, in the order in which the core calls them. */
import type { WorkerFeature } from '../core/parts.ts';
import { bin } from '../features/bin/worker.ts';
import { imports } from '../features/imports/worker.ts';
import { moderation } from '../features/moderation/worker.ts';
import { reanalyses } from '../features/reanalyses/worker.ts';
import { results } from '../features/results/worker.ts';
import { search } from '../features/search/worker.ts';
import { spend } from '../features/spend/worker.ts';
import { webhooks } from '../features/webhooks/worker.ts';
import type { WorkerConfig } from './config.ts';

export const FEATURES: readonly WorkerFeature<WorkerConfig>[] = [
  spend,
  moderation,
  results,
  bin,
  search,
  webhooks,
  reanalyses,
  imports,
];
