/**
 * The vision process. Inference blocks its thread for up to a second, and the networks are large: a separate process keeps
 * both away from the worker.
 */
import { serve } from '@media-analysis/sandbox/child';
import pino from 'pino';
import { analysePicture } from './analyse-picture.ts';
import { pictureRequestSchema } from './protocol.ts';

const logger = pino({
  level: process.env.LOG_LEVEL ?? 'info',
  base: { unit: 'vision' },
  messageKey: 'message',
  formatters: { level: (label) => ({ severity: label === 'warn' ? 'WARNING' : 'ERROR' }) },
});

serve((request) => {
  const { jpeg, language } = pictureRequestSchema.parse(request);
  return analysePicture(jpeg, language, (network, error) =>
    logger.warn({ network, error: String(error) }, 'a network failed'),
  );
});
