/** `npm start` as a process of its own, as a person has it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithUs } from './end-with-us.ts';
import { eventually } from './eventually.ts';
import type { Stack } from './stack.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Launched {
  child: ChildProcess;
  /** Whatever it has printed so far. */
  output(): string;
}

export interface LaunchOptions {
  /** The folder of the project; absent: this one. */
  root?: string;
  /** Further settings; undefined takes one away. */
  environment?: Record<string, string | undefined>;
}

export function launch(
  port: string,
  dataDir: string,
  { root = ROOT, environment }: LaunchOptions = {},
): Launched {
  const own = { ANALYSIS_MODEL: 'local/facts', PORT: port, LOCAL_DATA_DIR: dataDir };
  const env = { ...process.env, ...own, ...environment };
  const child = endWithUs(
    spawn(process.execPath, [join(root, 'local/start.ts')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

/** What clients of the API need to know of it. */
export type StartedStack = Pick<Stack, 'url'>;

/** Starts it and waits for the line that says where it is. */
export async function start(
  dataDir: string,
  port = '0',
  options: LaunchOptions = {},
): Promise<Launched & { stack: StartedStack }> {
  const { child, output } = launch(port, dataDir, options);
  const url = await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`It ended: ${output()}`);
    return /^Ready on (http:\/\/localhost:\d+)$/m.exec(output())?.[1];
  }).catch((error: unknown) => {
    // A process that nobody can end any more would keep Jest from ending.
    child.kill('SIGKILL');
    throw error;
  });
  return { child, output, stack: { url } };
}

export async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** The processes that it has started, each with its command line. */
export function childrenOf(pid: number): { pid: number; command: string }[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split(
    '\n',
  );
  return rows.flatMap((row) => {
    const [, id, parent, command = ''] = /^ *(\d+) +(\d+) +(.*)$/.exec(row) ?? [];
    return Number(parent) === pid ? [{ pid: Number(id), command }] : [];
  });
}
