/** The weather of a run: outages of each service in turn, and kills of random processes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { UnitName } from '../../local/base/units.ts';
import type { Stack } from '../../local/stack.ts';
import type { Channel, FaultPlan } from '../../local-cloud/faults/plan.ts';
import { createRandom } from '../../local-cloud/faults/random.ts';
import { type Reply, replies } from '../support/gemini-server.ts';

export interface ChaosOptions {
  /** How long each service is away, one after the other; as long again lies between two of them. */
  outageMs: number;
  /** Between two kills of a process, in milliseconds, on average. */
  killEveryMs: number;
  /** How many kills there are at most. */
  maxKills?: number;
}

export interface Chaos {
  /** How often each process was killed. */
  kills: Record<UnitName, number>;
  /** Resolves once every service has been away. */
  outagesOver: Promise<void>;
  /** No more kills and no outage; resolves once that is so. */
  stop(): Promise<void>;
}

/**
 * On a busy machine a process may need longer to start than lies between two kills, and the work would never come to its
 * end. So at least this many times what the last start took lies between them.
 */
const STARTS_BETWEEN = 5;
const LONGEST_START_MS = 60_000;

const SERVICES: Record<string, readonly Channel[]> = {
  Firestore: ['firestore'],
  'Cloud Tasks': ['tasks', 'deliveries'],
  'Cloud Storage': ['storage'],
};

export function startChaos(
  stack: Stack,
  plan: FaultPlan,
  model: FlakyModel,
  { outageMs, killEveryMs, maxKills = Number.POSITIVE_INFINITY }: ChaosOptions,
): Chaos {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (ms: number) => sleep(ms, undefined, { signal });
  const random = createRandom(plan.seed, 'chaos');
  const kills = { api: 0, worker: 0, stream: 0 };

  async function outages(): Promise<void> {
    for (const channels of Object.values(SERVICES)) {
      await pause(outageMs / 2);
      try {
        for (const channel of channels) plan.beginOutage(channel);
        await pause(outageMs);
      } finally {
        for (const channel of channels) plan.endOutage(channel);
      }
    }
    await pause(outageMs / 2);
    model.isDown = true;
    await pause(outageMs).finally(() => {
      model.isDown = false;
    });
  }

  async function killing(): Promise<void> {
    let startMs = 0;
    for (let count = 0; count < maxKills; ) {
      await pause(Math.max(killEveryMs, startMs * STARTS_BETWEEN) * (0.5 + random.next()));
      const name = random.pick(['api', 'worker', 'stream'] as const);
      const { pid } = stack.units[name];
      if (pid === undefined || !kill(pid)) continue;
      kills[name]++;
      count++;
      const since = performance.now();
      while (stack.units[name].pid === pid) await pause(20);
      await Promise.race([stack.units[name].listening(), pause(LONGEST_START_MS)]);
      startMs = performance.now() - since;
    }
  }

  const untilStopped = (work: Promise<void>) =>
    work.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  const outagesOver = untilStopped(outages());
  const killed = untilStopped(killing());
  return {
    kills,
    outagesOver,
    stop: async () => {
      stopping.abort();
      await Promise.all([outagesOver, killed]);
    },
  };
}

/** @returns whether there was one: a process that was killed a moment ago may not run again yet. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Answers of a model that fails now and then: for `respond` of the Gemini server. */
export class FlakyModel {
  isDown = false;
  rate = 0;
  readonly #random;

  constructor(seed: number) {
    this.#random = createRandom(seed, 'model');
  }

  readonly respond = (): Reply => {
    if (this.isDown) return replies.unavailable();
    if (this.#random.next() >= this.rate) return replies.good();
    const kind = this.#random.weighted({ quota: 10, internal: 10, busy: 10, reset: 10, hang: 1 });
    return {
      quota: replies.quotaPerMinute('1s'),
      internal: replies.internal(),
      busy: replies.unavailable(),
      reset: replies.reset(),
      hang: replies.hang(),
    }[kind];
  };
}
