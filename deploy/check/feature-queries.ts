/** The queries of each feature that has some. */
import type { Firestore } from '@google-cloud/firestore';
import { queries as bin } from '../../functions/features/bin/queries.ts';
import { queries as imports } from '../../functions/features/imports/queries.ts';
import { queries as largeUploads } from '../../functions/features/large-uploads/queries.ts';
import { queries as library } from '../../functions/features/library/queries.ts';
import { queries as moderation } from '../../functions/features/moderation/queries.ts';
import { queries as reanalyses } from '../../functions/features/reanalyses/queries.ts';
import { queries as results } from '../../functions/features/results/queries.ts';
import { queries as search } from '../../functions/features/search/queries.ts';
import { queries as spend } from '../../functions/features/spend/queries.ts';
import { queries as webhooks } from '../../functions/features/webhooks/queries.ts';

type Queries = (firestore: Firestore) => Record<string, () => Promise<unknown>>;

export const FEATURE_QUERIES: readonly Queries[] = [
  bin,
  imports,
  largeUploads,
  library,
  moderation,
  reanalyses,
  results,
  search,
  spend,
  webhooks,
];
