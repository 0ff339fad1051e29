/** A process with Genkit and a list for its end, which takes a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadGenkit } from '../../../functions/analysis/genkit.ts';
import { Shutdown } from '../../../functions/hosting/shutdown.ts';

const shutdown = new Shutdown({ logger: console });
shutdown.add('a moment passes', async () => {
  await sleep(100);
  process.stdout.write('done');
});
await loadGenkit(['local/facts'], {});
process.stdout.write('ready ');
setInterval(() => undefined, 1_000);
