/** Sends cases and judges the answers: no crash, no hang, no 5xx, and nothing left behind. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { type Case, caseOf } from './cases.ts';
import { startTarget, type Target } from './target.ts';

export interface FuzzOptions {
  seed: number;
  cases: number;
  /** The first case; 0 unless one is to be looked at again. */
  from?: number;
  onProgress?: (done: number) => void;
}

export interface FuzzResult {
  /** How many cases of each kind got which status; 0 is "no answer", which only a broken request may get. */
  counts: Record<string, number>;
  failures: { index: number; reason: string }[];
  durationMs: number;
}

const SIDE_BY_SIDE = 16;
const MAX_FAILURES = 20;

export async function fuzz({
  seed,
  cases,
  from = 0,
  onProgress,
}: FuzzOptions): Promise<FuzzResult> {
  const started = performance.now();
  const target = await startTarget();
  const counts: Record<string, number> = {};
  const failures: FuzzResult['failures'] = [];
  let next = from;
  const crashed = (error: unknown) => failures.push({ index: next, reason: `crash: ${error}` });
  process.on('uncaughtException', crashed).on('unhandledRejection', crashed);

  async function worker(): Promise<void> {
    while (next < from + cases && failures.length < MAX_FAILURES) {
      const index = next++;
      const each = caseOf(seed, index);
      const answer = await send(each, target.port);
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer ?? '')?.[1] ?? 0);
      const key = `${each.kind} ${status}`;
      counts[key] = (counts[key] ?? 0) + 1;
      const reason = judge(each, answer, status);
      if (reason !== undefined) failures.push({ index, reason });
      if (index % 1_000 === 999) onProgress?.(index + 1 - from);
    }
  }
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    const leftovers = await whatIsLeft(target);
    if (leftovers) failures.push({ index: next, reason: leftovers });
  } finally {
    process.off('uncaughtException', crashed).off('unhandledRejection', crashed);
    await target.close();
  }
  return { counts, failures, durationMs: performance.now() - started };
}

/** @returns all that came back until the connection closed; undefined if it never did. */
function send({ chunks, isWhole }: Case, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(undefined);
    }, HANG_LIMIT_MS);
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    // The server may close while we write: what it had to say may be lost then, as in the wild.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.setNoDelay(true);
    const write = async () => {
      for (const chunk of chunks) {
        if (!socket.writable) return;
        socket.write(chunk);
        await new Promise(setImmediate);
      }
      // A broken request may be waited on for its rest: this is all there is.
      if (!isWhole) socket.end();
    };
    write().catch(() => socket.destroy());
  });
}

function judge(each: Case, answer: string | undefined, status: number): string | undefined {
  if (answer === undefined) return 'hang: neither an answer nor an end';
  if (status >= 500) return `status ${status}: ${answer.slice(0, 300)}`;
  // Announcements may be in each other's way; nobody else may.
  if (status === 429 && each.kind !== 'announcement') return 'a slot was not given back';
  if (each.expected !== undefined && status !== each.expected) {
    return `status ${status} instead of ${each.expected}: ${answer.slice(0, 300)}`;
  }
  if (status === 0 && each.isWhole) return 'a whole request got no answer';
  return undefined;
}

async function whatIsLeft(target: Target): Promise<string | undefined> {
  const deadline = performance.now() + HANG_LIMIT_MS;
  for (;;) {
    const { staged, recorded } = await target.count();
    if (staged === recorded) return undefined;
    // A form whose sender has left may still be on its way to Firestore.
    if (performance.now() > deadline) return `${staged} objects are staged for ${recorded} media`;
    await sleep(100);
  }
}
