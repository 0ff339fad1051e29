/**
 * Runs a program that starts further programs, as gcloud starts Java. All of them form a process group
 * with a keeper (`keeper.ts`), so that none of them is left behind and no other process is ended.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface ProgramOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** How long the program may take until it answers, in milliseconds. */
  startWithinMs: number;
}

export interface Program {
  /** Its process group. */
  group: number;
  close(): Promise<void>;
}

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url));
const POLL_MS = 100;
/** How many characters of the output are kept, to report why a start failed. */
const KEPT_OUTPUT = 4_000;

/**
 * Starts the program and waits until it answers at `url`. The program ends with `close`, at the latest with this process.
 * @throws {Error} with the end of the output, if the program ends early or takes too long
 */
export async function startProgram(
  command: string,
  args: string[],
  url: string,
  { env, cwd, startWithinMs }: ProgramOptions,
): Promise<Program> {
  const child = spawn(process.execPath, [KEEPER, command, ...args], {
    env,
    cwd,
    // Ctrl-C must not reach the keeper: this process passes it on.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let group = 0;
  child.on('message', (message) => {
    group = (message as { group: number }).group;
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    });
  }
  // Later than `exit`: only then is the whole output read.
  const closed = once(child, 'close');
  const deadline = Date.now() + startWithinMs;
  while (!(await answers(url))) {
    const isLate = Date.now() > deadline;
    if (!hasEnded(child) && !isLate) {
      await sleep(POLL_MS);
      continue;
    }
    await end(child);
    await closed;
    const why = isLate
      ? `it did not answer within ${startWithinMs / 1_000} s`
      : `it ended with code ${child.exitCode ?? child.signalCode}`;
    throw new Error(`${command} ${args.join(' ')}: ${why}\n${output.trim()}`);
  }
  return { group, close: () => end(child) };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
