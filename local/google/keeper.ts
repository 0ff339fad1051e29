/**
 * `node keeper.ts COMMAND ARGUMENT …`: runs a program. Ends the program and all processes that it has
 * started on SIGTERM, and when the parent process is gone, even if the parent was killed.
 */
import { spawn } from 'node:child_process';

const GRACE_MS = 10_000;
const [, , command = '', ...args] = process.argv;

// The program leads a process group. Otherwise gcloud would create its own group and leave ours.
const child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
process.send?.({ group: child.pid });
child.once('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.once('exit', (code, ended) => {
  if (ended) console.error(`${command} was ended by ${ended}.`);
  // The first process of the group has ended, but processes that it started may still run.
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
    // No process of the group is left.
  }
}
