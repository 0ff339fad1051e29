/** Ends this process when the one that started it is gone, however that ended, and whatever this one does. */
import { Worker } from 'node:worker_threads';

/** Run by a thread of its own: inference that hangs holds the main one, and no event reaches it. */
const WATCH = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => {
    if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
  }, 1_000);
`;

export function endWithParent(): void {
  // At once, as long as this process listens at all: the channel closes even after kill -9.
  process.on('disconnect', () => process.exit());
  if (!process.connected) process.exit();
  // Ctrl-C reaches every process of a terminal: the parent decides when work is over.
  process.on('SIGINT', () => undefined);
  new Worker(WATCH, {
    eval: true,
    workerData: process.ppid,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  }).unref();
}
