/** The settings of the stream unit: those of its rooms. */
import { z } from 'zod';
import { streamsShape } from '../core/stream/settings.ts';
import { moderationShape } from '../features/moderation/settings.ts';
import { pageShape, serverShape } from '../hosting/settings.ts';
import { callersShape } from '../http/settings.ts';
import { type Environment, firestoreShape, load, telemetryShape } from '../process/settings.ts';

export const streamShape = {
  ...firestoreShape,
  ...telemetryShape,
  ...callersShape,
  ...serverShape,
  ...pageShape,
  ...streamsShape,
  ...moderationShape,
};

const streamSchema = z.object(streamShape);
export type StreamConfig = z.infer<typeof streamSchema>;

export const loadStreamConfig = (env?: Environment): StreamConfig => load(streamSchema, env);
