/** The settings of the api: those of its rooms. */
import { z } from 'zod';
import { modelsShape, providersShape } from '../analysis/settings.ts';
import { acceptShape } from '../core/accept/settings.ts';
import { intakeShape, queueShape } from '../core/media/settings.ts';
import { importsShape } from '../features/imports/settings.ts';
import { moderationShape, signedUrlTtlS } from '../features/moderation/settings.ts';
import { reanalysesShape } from '../features/reanalyses/settings.ts';
import { requireEmbedderKey, searchShape } from '../features/search/settings.ts';
import { spendShape } from '../features/spend/settings.ts';
import { topicShape, webhooksShape } from '../features/webhooks/settings.ts';
import { bodyShape, callersShape } from '../http/settings.ts';
import {
  type Environment,
  firestoreShape,
  load,
  type Refinement,
  telemetryShape,
} from '../process/settings.ts';
import { bucketsShape, signedUrlsShape } from '../storage/settings.ts';

export const apiShape = {
  ...firestoreShape,
  ...telemetryShape,
  ...bodyShape,
  ...callersShape,
  ...bucketsShape,
  ...signedUrlsShape,
  ...modelsShape,
  ...providersShape,
  ...queueShape,
  ...intakeShape,
  ...acceptShape,
  ...webhooksShape,
  ...topicShape,
  ...importsShape,
  ...reanalysesShape,
  ...searchShape,
  ...spendShape,
  ...moderationShape,
};

const apiSettings = z.object(apiShape);
export type ApiConfig = z.infer<typeof apiSettings>;

/** Checks of the features. Their mistakes are reported together with all others. */
const REFINEMENTS: readonly Refinement<ApiConfig>[] = [requireEmbedderKey];

const apiSchema = apiSettings.superRefine((config, context) => {
  for (const refine of REFINEMENTS) refine(config, context);
});

export const loadApiConfig = (env?: Environment): ApiConfig => load(apiSchema, env);

/** How long a feature lets a signed address work, in seconds. */
const SIGNED_URL_TTLS: readonly ((config: ApiConfig) => number)[] = [signedUrlTtlS];

export function signedUrlTtlMs(config: ApiConfig): number {
  const limits = SIGNED_URL_TTLS.map((limitOf) => limitOf(config));
  return Math.min(config.SIGNED_URL_TTL_S, ...limits) * 1_000;
}
