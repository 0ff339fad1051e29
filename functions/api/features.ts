/** The features of the api, in the order in which the core calls them. */
import type { ApiFeature } from '../core/parts.ts';
import { bin } from '../features/bin/api.ts';
import { exports } from '../features/export/api.ts';
import { imports } from '../features/imports/api.ts';
import { largeUploads } from '../features/large-uploads/api.ts';
import { library } from '../features/library/api.ts';
import { metadata } from '../features/metadata/api.ts';
import { moderation } from '../features/moderation/api.ts';
import { reanalyses } from '../features/reanalyses/api.ts';
import { results } from '../features/results/api.ts';
import { search } from '../features/search/api.ts';
import { spend } from '../features/spend/api.ts';
import { webhooks } from '../features/webhooks/api.ts';
import type { ApiConfig } from './config.ts';

export const FEATURES: readonly ApiFeature<ApiConfig>[] = [
  spend,
  moderation,
  results,
  metadata,
  bin,
  search,
  library,
  exports,
  largeUploads,
  webhooks,
  reanalyses,
  imports,
];
