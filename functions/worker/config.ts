/** The settings of the worker: those of its rooms. */
import { z } from 'zod';
import { modelsShape, openaiShape, providersShape, requireKeys } from '../analysis/settings.ts';
import { intakeShape, queueShape } from '../core/media/settings.ts';
import { DEFAULT_CALL_TIMEOUT_S, workShape } from '../core/work/settings.ts';
import { refuseArrivalAnalyses } from '../features/imports/arrival-analyses.ts';
import { arrivalsShape, importsShape, refuseOwnBuckets } from '../features/imports/settings.ts';
import { moderationShape } from '../features/moderation/settings.ts';
import { reanalysesShape } from '../features/reanalyses/settings.ts';
import { requireEmbedderKey, searchShape } from '../features/search/settings.ts';
import { refuseLimitsBelowOnePhoto } from '../features/spend/limits.ts';
import { paidCallsShape, spendShape } from '../features/spend/settings.ts';
import { topicShape, webhooksShape } from '../features/webhooks/settings.ts';
import { tasksCallerShape } from '../http/settings.ts';
import {
  type Environment,
  firestoreShape,
  load,
  type Refinement,
  telemetryShape,
} from '../process/settings.ts';
import { bucketsShape } from '../storage/settings.ts';

export const workerShape = {
  ...firestoreShape,
  ...telemetryShape,
  ...tasksCallerShape,
  ...bucketsShape,
  ...modelsShape,
  ...providersShape,
  ...openaiShape,
  ...queueShape,
  ...intakeShape,
  ...workShape,
  ...webhooksShape,
  ...topicShape,
  ...importsShape,
  ...arrivalsShape,
  ...reanalysesShape,
  ...searchShape,
  ...spendShape,
  ...paidCallsShape,
  ...moderationShape,
};

const workerSettings = z.object(workerShape);
export type WorkerConfig = z.infer<typeof workerSettings>;

/** Checks of the features. Their mistakes are reported together with all others. */
const REFINEMENTS: readonly Refinement<WorkerConfig>[] = [requireEmbedderKey, refuseOwnBuckets];

/** With these settings a worker would start, and never do its work. */
const REFUSALS: readonly ((config: WorkerConfig) => void)[] = [
  refuseArrivalAnalyses,
  refuseLimitsBelowOnePhoto,
];

const workerSchema = workerSettings.superRefine((config, context) => {
  requireKeys([config.ANALYSIS_MODEL, ...config.MODEL_FALLBACK], config, context);
  for (const refine of REFINEMENTS) refine(config, context);
  if (config.CALL_TIMEOUT_S > Math.max(config.DELIVERY_BUDGET_S, DEFAULT_CALL_TIMEOUT_S)) {
    const message = 'at most DELIVERY_BUDGET_S, which ends each call';
    context.addIssue({ code: 'custom', path: ['CALL_TIMEOUT_S'], message });
  }
});

/** @throws {ConfigError} */
export function loadWorkerConfig(env?: Environment): WorkerConfig {
  const config = load(workerSchema, env);
  for (const refuse of REFUSALS) refuse(config);
  return config;
}
