/** A process with Genkit and a list for its end, which takes a moment. With `PLAIN` it has no list. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadGenkit } from '../../../functions/analysis/genkit.ts';
import { Shutdown } from '../../../functions/hosting/shutdown.ts';

if (process.env.PLAIN) {
  // No list: whoever else has a listener decides when the process ends.
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => setTimeout(() => process.exit(1), 10_000));
  }
} else {
  const shutdown = new Shutdown({ logger: console });
  shutdown.add('a moment passes', async () => {
    await sleep(100);
    process.stdout.write('done');
  });
}
await loadGenkit(['local/facts'], {});
process.stdout.write('ready ');
setInterval(() => undefined, 1_000);
