import type { z } from 'zod';
import { apiShape } from '../functions/api/config.ts';
import { streamShape } from '../functions/stream/config.ts';
import { workerShape } from '../functions/worker/config.ts';

/** The settings of each unit, for the check of the deployment and the documents. */
export const UNIT_SETTINGS: Record<'api' | 'worker' | 'stream', Record<string, z.ZodType>> = {
  api: apiShape,
  worker: workerShape,
  stream: streamShape,
};
