/** What the vision process has taken at most, in mebibytes; null where there is none, or no /proc. */
import { existsSync, readFileSync } from 'node:fs';
import { childrenOf } from '../support/started.ts';

export function visionMemoryMb(): number | null {
  if (!existsSync('/proc/self/status')) return null;
  const vision = childrenOf(process.pid).find(({ command }) => command.includes('vision/child'));
  if (!vision) return null;
  const status = readFileSync(`/proc/${vision.pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024);
}
