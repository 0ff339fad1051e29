import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Ends a process with the one that started it, however that ends: a run of tests that is killed leaves nothing behind.
 * A shell waits for the other end of its input to close, which the system does for whatever is killed. It has a group of
 * its own, as what is sent to ours must not end it too early.
 */
export function endWithUs<Child extends ChildProcess>(child: Child): Child {
  const watcher = spawn('sh', ['-c', 'read -r _; kill -KILL "$0"', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.on('error', () => undefined);
  watcher.unref();
  (watcher.stdin as Socket | null)?.unref();
  child.once('exit', () => watcher.kill('SIGKILL'));
  return child;
}
