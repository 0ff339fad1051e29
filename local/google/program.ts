/**
 * A program that starts others, as gcloud does with Java: all of them are one process group, so that nothing
 * stays behind, and nothing else is ended.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface ProgramOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** How long it may take until it answers, in milliseconds. */
  startWithinMs: number;
}

export interface Program {
  /** Of its process group, whose first is ours: `keeper.ts`. */
  group: number;
  close(): Promise<void>;
}

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url));
const POLL_MS = 100;
const GRACE_MS = 10_000;
/** Of what it prints, kept for whoever has to find out why it did not start. */
const KEPT_OUTPUT = 4_000;

/**
 * Starts it and waits until it answers at `url`. It ends with this process, if `close` does not end it before.
 * @throws {Error} with the end of its output, if it ends before or takes too long.
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
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    });
  }
  const deadline = Date.now() + startWithinMs;
  while (!(await answers(url))) {
    const isLate = Date.now() > deadline;
    if (!hasEnded(child) && !isLate) {
      await sleep(POLL_MS);
      continue;
    }
    await end(child);
    const why = isLate ? `it did not answer within ${startWithinMs / 1_000} s` : 'it ended';
    throw new Error(`${command} ${args.join(' ')}: ${why}\n${output.trim()}`);
  }
  return { group: child.pid ?? 0, close: () => end(child) };
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

/** Ends the group: kindly at first, then for certain. */
async function end(child: ChildProcess): Promise<void> {
  const exited = hasEnded(child) ? Promise.resolve() : once(child, 'exit');
  signal(child, 'SIGTERM');
  await Promise.race([exited, sleep(GRACE_MS, undefined, { ref: false })]);
  // The first of the group may be gone while one that it started still runs.
  signal(child, 'SIGKILL');
  await exited;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Nobody of the group is left.
  }
}
