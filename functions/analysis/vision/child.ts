/**
 * The vision process: one picture at a time, until its parent is gone. Inference blocks its thread for up
 * to a second, and the networks are large; both stay out of the service.
 */
import { createLogger } from '../../cloud/log.ts';
import { endWithParent } from './end-with-parent.ts';
import { BadPictureError, look } from './look.ts';
import { type LookAnswer, lookRequestSchema } from './protocol.ts';

const logger = createLogger('vision', process.env.LOG_LEVEL ?? 'info');

endWithParent();

process.on('message', (message) => {
  const { id, jpeg, language } = lookRequestSchema.parse(message);
  look(jpeg, language, (stage, error) => logger.warn({ stage, error }, 'a network failed'))
    .then(
      (sighting): LookAnswer => ({ id, sighting }),
      (error: unknown): LookAnswer => ({
        ...{ id, error: String(error), bad_picture: error instanceof BadPictureError },
      }),
    )
    .then(
      (answer) => process.send?.(answer),
      () => process.exit(1),
    );
});
