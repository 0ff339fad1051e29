/**
 * Ends this process when its parent process is gone, even if the parent was killed or this process
 * hangs.
 */
import { Worker } from 'node:worker_threads';

/**
 * Runs in a thread of its own. While inference hangs in the main thread, no event reaches that
 * thread.
 * On Linux and macOS a process whose parent ends gets another parent. On Windows it keeps the number of the old one.
 */
const WATCH = `
  const { workerData } = require('node:worker_threads');
  const isGone = () => {
    if (process.ppid !== workerData) return true;
    try {
      return !process.kill(workerData, 0);
    } catch (error) {
      return error.code === 'ESRCH';
    }
  };
  setInterval(() => isGone() && process.kill(process.pid, 'SIGKILL'), 1_000);
`;

export function endWithParent(): void {
  // Ends the process at once if its main thread is free. The channel closes even after `kill -9`.
  process.on('disconnect', () => process.exit());
  if (!process.connected) process.exit();
  // Ctrl-C reaches every process of a terminal. The parent decides when the work is over.
  process.on('SIGINT', () => undefined);
  new Worker(WATCH, {
    eval: true,
    // biome-ignore lint/plugin: the thread asks whether it still runs, too
    workerData: process.ppid,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  }).unref();
}
