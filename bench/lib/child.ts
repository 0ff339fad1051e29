/** Starts a server as a separate process on its own core. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { NODE_OPTIONS } from '../../local/base/units.ts';
import { type Core, pin } from './machine.ts';

export type { Core } from './machine.ts';

/** Reports the port on which the process listens, and ends the process with its parent. */
const PRELOAD = new URL('../../local/base/unit.ts', import.meta.url);

export interface ChildOptions {
  /** Arguments for Node: an entry and its own arguments. */
  command: string[];
  environment?: Record<string, string>;
  core: Core;
}

export interface Spawned {
  pid: number;
  /** Waits for the first message that has `field`. @throws {Error} If the process ends before. */
  message<T>(field: keyof T): Promise<T>;
  tell(message: object): void;
  stop(): Promise<void>;
}

export interface Child extends Spawned {
  port: number;
  url: string;
}

export function spawnNode({ command, environment, core }: ChildOptions): Spawned {
  const child = spawn(process.execPath, [...NODE_OPTIONS, '--import', PRELOAD.href, ...command], {
    env: { ...process.env, NODE_ENV: 'production', PORT: '0', ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command[0]} could not be started.`);
  pin(pid, core);
  return {
    pid,
    message: (field) => firstMessage(child, field as string, command),
    tell: (message) => void child.send(message),
    stop: () => end(child),
  };
}

/** Starts a server and waits until it listens. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const spawned = spawnNode(options);
  const { listening: port } = await spawned.message<{ listening: number }>('listening');
  return { ...spawned, port, url: `http://127.0.0.1:${port}` };
}

function firstMessage<T>(child: ChildProcess, field: string, command: string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && field in message) resolve(message as T);
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`${command.at(-1)} ended (${signal ?? code}) before it was ready.`)),
    );
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(force);
}
