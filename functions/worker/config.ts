/** The settings of the worker: those of its rooms. */
import { z } from 'zod';
import { modelsShape, openaiShape, providersShape, requireKeys } from '../analysis/settings.ts';
import { intakeShape, queueShape } from '../core/media/settings.ts';
import { DEFAULT_CALL_TIMEOUT_S, workShape } from '../core/work/settings.ts';
import { arrivalsShape, importsShape, refuseOwnBuckets } from '../features/imports/settings.ts';
import { moderationShape } from '../features/moderation/settings.ts';
import { reanalysesShape } from '../features/reanalyses/settings.ts';
import { searchShape } from '../features/search/settings.ts';
import { paidCallsShape, spendShape } from '../features/spend/settings.ts';
import { topicShape, webhooksShape } from '../features/webhooks/settings.ts';
import { tasksCallerShape } from '../http/settings.ts';
import { type Environment, firestoreShape, load, telemetryShape } from '../process/settings.ts';
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

const workerSchema = z.object(workerShape).superRefine((config, context) => {
  const { ANALYSIS_MODEL, MODEL_FALLBACK, EMBEDDING_MODEL } = config;
  requireKeys([ANALYSIS_MODEL, ...MODEL_FALLBACK, EMBEDDING_MODEL], config, context);
  refuseOwnBuckets(config, context);
  if (config.CALL_TIMEOUT_S > Math.max(config.DELIVERY_BUDGET_S, DEFAULT_CALL_TIMEOUT_S)) {
    const message = 'at most DELIVERY_BUDGET_S, which ends each call';
    context.addIssue({ code: 'custom', path: ['CALL_TIMEOUT_S'], message });
  }
});
export type WorkerConfig = z.infer<typeof workerSchema>;

export const loadWorkerConfig = (env?: Environment): WorkerConfig => load(workerSchema, env);
