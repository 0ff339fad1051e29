/** Google Cloud on this machine, in a separate process because it is not part of what is measured. */
import { startCloud } from '../../local/cloud.ts';

const cloud = await startCloud();
process.send?.({ environment: cloud.environment, identityPort: cloud.identityPort });
process.on('message', ({ workerPort }: { workerPort: number }) => cloud.setWorkerPort(workerPort));
process.once('SIGTERM', () => {
  cloud.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
