/**
 * The vision process. It analyses one picture at a time and ends with its parent process. Inference
 * blocks its thread for up to a second, and the networks are large: a separate process keeps both
 * away from the worker.
 */
import pino from 'pino';
import { analysePicture, BadPictureError } from './analyse-picture.ts';
import { endWithParent } from './end-with-parent.ts';
import { type PictureAnswer, pictureRequestSchema } from './protocol.ts';

const logger = pino({
  level: process.env.LOG_LEVEL ?? 'info',
  base: { unit: 'vision' },
  messageKey: 'message',
  formatters: { level: (label) => ({ severity: label === 'warn' ? 'WARNING' : 'ERROR' }) },
});

endWithParent();

process.on('message', (message) => {
  const { id, jpeg, language } = pictureRequestSchema.parse(message);
  const onFailure = (network: string, error: unknown) =>
    logger.warn({ network, error: String(error) }, 'a network failed');
  analysePicture(jpeg, language, onFailure)
    .then(
      (detections): PictureAnswer => ({ id, detections }),
      (error: unknown): PictureAnswer => ({
        id,
        error: String(error),
        bad_picture: error instanceof BadPictureError,
      }),
    )
    .then(
      (answer) => process.send?.(answer),
      () => process.exit(1),
    );
});
