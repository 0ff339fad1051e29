/**
 * The vision process: one picture at a time, until its parent is gone. Inference blocks its thread for up
 * to a second, and the networks are large; both stay out of the service.
 */
import { createLogger } from '../../cloud/log.ts';
import { BadPictureError, look } from './look.ts';
import { type LookAnswer, lookRequestSchema } from './protocol.ts';

const logger = createLogger('vision', process.env.LOG_LEVEL ?? 'info');

process.on('message', (message) => {
  const { id, jpeg, language } = lookRequestSchema.parse(message);
  look(jpeg, language, (stage, error) => logger.warn({ stage, error }, 'a network failed'))
    .then(
      (sighting): LookAnswer => ({ id, sighting }),
      (error: unknown): LookAnswer => ({
        ...{ id, error: String(error), bad_picture: error instanceof BadPictureError },
      }),
    )
    .then((answer) => process.send?.(answer), exit);
});

// Whichever way the parent ended, kill -9 included, the channel closes.
process.on('disconnect', exit);
// Ctrl-C reaches every process of a terminal: the parent decides when work is over.
process.on('SIGINT', () => undefined);
if (!process.connected) exit();

function exit(): never {
  process.exit();
}
