import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { HANG_LIMIT_MS } from '../../test/support/hang-limit.ts';
import { needing } from '../../test/support/needing.ts';
import { freePort } from '../base/free-port.ts';
import { startProgram } from './program.ts';

const it = needing('signals');

const PROGRAM = new URL('program.ts', import.meta.url).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'program-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Imitates gcloud: a shell that starts the server. The server writes down its id and ignores SIGTERM. */
function command(port: number): string[] {
  const server = `
    process.on('SIGTERM', () => {});
    require('http').createServer((_, response) => response.end('Ok')).listen(${port}, '127.0.0.1');
    require('fs').writeFileSync(${JSON.stringify(join(folder, 'pid'))}, String(process.pid));`;
  return ['sh', '-c', `"${process.execPath}" -e '${server.replaceAll("'", `'"'"'`)}'; true`];
}

const serverPid = () => Number(readFileSync(join(folder, 'pid'), 'utf8'));

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The system may need a moment until the process is gone. */
async function untilGone(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('processes that a program has started end with it', async () => {
  const port = await freePort();
  const [program = '', ...args] = command(port);
  const url = `http://127.0.0.1:${port}/`;
  const { group, close } = await startProgram(program, args, url, {
    env: process.env,
    startWithinMs: HANG_LIMIT_MS,
  });
  // If gcloud did not lead a group, it would create one of its own.
  const own = execFileSync('ps', ['-o', 'pgid=', '-p', String(serverPid())], { encoding: 'utf8' });
  expect(Number(own)).toBe(group);
  await close();
  await untilGone(serverPid());
});

it('a program ends when the process that started it is killed', async () => {
  const port = await freePort();
  const [program, ...args] = command(port);
  const owner = `
    const { startProgram } = await import(${JSON.stringify(PROGRAM)});
    const options = { env: process.env, startWithinMs: ${HANG_LIMIT_MS} };
    await startProgram(${JSON.stringify(program)}, ${JSON.stringify(args)}, 'http://127.0.0.1:${port}/', options);
    console.log('started');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await untilGone(serverPid());
});

it('a failed start is reported with the output of the program', async () => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const options = { env: process.env, startWithinMs: HANG_LIMIT_MS };
  await expect(
    startProgram('sh', ['-c', 'echo "no Java for me" >&2; exit 3'], url, options),
  ).rejects.toThrow(/it ended with code 3\nno Java for me/);
  await expect(startProgram('sh', ['-c', 'kill -9 $$'], url, options)).rejects.toThrow(
    'sh was ended by SIGKILL.',
  );
  await expect(startProgram(join(folder, 'nothing'), [], url, options)).rejects.toThrow(/ENOENT/);
});

it('a program that never answers is ended', async () => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  const options = { env: process.env, startWithinMs: 500 };
  await expect(startProgram('sleep', ['60'], url, options)).rejects.toThrow(
    'it did not answer within 0.5 s',
  );
});
