/**
 * `node keeper.ts COMMAND ARGUMENT …`: runs a program, and ends it and all that it started when the process that
 * wanted it says so (SIGTERM), or is gone, however that ended.
 */
import { spawn } from 'node:child_process';

const GRACE_MS = 10_000;
const [, , command = '', ...args] = process.argv;

// It leads a process group: gcloud makes one of its own, and would leave ours.
const child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
process.send?.({ group: child.pid });
child.once('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.once('exit', (code) => {
  // The first of the group is gone; what it started may still run.
  signal('SIGKILL');
  process.exit(code ?? 1);
});
process.once('SIGTERM', () => {
  signal('SIGTERM');
  setTimeout(() => signal('SIGKILL'), GRACE_MS);
});
process.on('disconnect', () => {
  signal('SIGKILL');
  process.exit(1);
});

function signal(name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // Nobody of the group is left.
  }
}
