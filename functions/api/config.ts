/** The settings of the api: those of its rooms. */
import { z } from 'zod';
import { modelsShape, providersShape, requireKeys } from '../analysis/settings.ts';
import { acceptShape } from '../core/accept/settings.ts';
import { intakeShape, queueShape } from '../core/media/settings.ts';
import { importsShape } from '../features/imports/settings.ts';
import { moderationShape } from '../features/moderation/settings.ts';
import { reanalysesShape } from '../features/reanalyses/settings.ts';
import { searchShape } from '../features/search/settings.ts';
import { spendShape } from '../features/spend/settings.ts';
import { webhooksShape } from '../features/webhooks/settings.ts';
import { bodyShape, callersShape } from '../http/settings.ts';
import { type Environment, firestoreShape, load, telemetryShape } from '../process/settings.ts';
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
  ...importsShape,
  ...reanalysesShape,
  ...searchShape,
  ...spendShape,
  ...moderationShape,
};

const apiSchema = z.object(apiShape).superRefine((config, context) => {
  requireKeys([config.EMBEDDING_MODEL], config, context);
});
export type ApiConfig = z.infer<typeof apiSchema>;

export const loadApiConfig = (env?: Environment): ApiConfig => load(apiSchema, env);
