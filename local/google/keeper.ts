/**
 * `node keeper.ts COMMAND ARGUMENT …`: runs a program, and ends it and all that it started when the process that
 * wanted it is gone, however that ended. It is the first of a process group; its parent speaks to it by IPC.
 */
import { spawn } from 'node:child_process';

const [, , command = '', ...args] = process.argv;

const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.once('exit', (code) => process.exit(code ?? 1));

// The program gets the signal too, as one of the group; it decides how long it takes to end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
