/**
 * Ends this process when its parent process is gone, even if the parent was killed or this process
 * hangs.
 */
import { Worker } from 'node:worker_threads';

/**
 * Runs in a thread of its own. While inference hangs in the main thread, no event reaches that
 * thread.
 */
const WATCH = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => {
    if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
  }, 1_000);
`;

export function endWithParent(): void {
  // Ends the process at once if its main thread is free. The channel closes even after `kill -9`.
  process.on('disconnect', () => process.exit());
  if (!process.connected) process.exit();
  // Ctrl-C reaches every process of a terminal. The parent decides when the work is over.
  process.on('SIGINT', () => undefined);
  new Worker(WATCH, {
    eval: true,
    workerData: process.ppid,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  }).unref();
}
