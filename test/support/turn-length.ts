/**
 * Preloaded into a worker: tells its parent how long a turn of its event loop was at most, in CPU time of its main thread,
 * so that a busy machine makes no turn longer, and how much memory the process has. `FILE_CPU_MS` shortens the CPU time that
 * a file may take: the same verdict comes sooner.
 */
import childProcess from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { devNull } from 'node:os';

export interface TurnReport {
  /** Since the report before. */
  longestTurnMs: number;
  residentBytes: number;
}

// A worker that a bomb ends says on its standard error that the heap is full. Jest reads that of its children, and would take
// it for its own end. The file that is opened gets the number that was closed.
closeSync(2);
openSync(devNull, 'w');

let longestTurnMs = 0;
let before = process.threadCpuUsage();
setInterval(() => {
  const { user, system } = process.threadCpuUsage(before);
  before = process.threadCpuUsage();
  longestTurnMs = Math.max(longestTurnMs, (user + system) / 1_000);
}, 5).unref();
setInterval(() => {
  const report: TurnReport = { longestTurnMs, residentBytes: process.memoryUsage.rss() };
  longestTurnMs = 0;
  process.send?.(report);
}, 200).unref();

const { fork } = childProcess;
childProcess.fork = ((entry: string, [start]: [string], options: childProcess.ForkOptions) => {
  const limits = { ...JSON.parse(start), cpuMs: Number(process.env.FILE_CPU_MS) };
  return fork(entry, [JSON.stringify(limits)], options);
}) as typeof fork;
syncBuiltinESMExports();
