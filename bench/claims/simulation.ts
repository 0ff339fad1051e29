/** Compares the simulation behind `docs/capacity.md` with the product, at a size that both can run. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Media } from '@media-analysis/shared/media';
import { createRandom } from '../../local-cloud/faults/random.ts';
import { type Reply, replies } from '../../test/support/gemini-server.ts';
import { client } from '../../test/support/stack.ts';
import { type Claim, row } from '../lib/claim.ts';
import { poisson, simulate } from '../lib/simulation.ts';
import { pictures, type SlowStack, startSlowStack } from '../lib/slow-stack.ts';
import { mean } from '../lib/stats.ts';

const UPLOAD_MS = 300;
const ANALYSIS_MS = 1_000;
const FAULT_RATE = 0.15;
const AT_A_TIME = 5;
/** About 80 % of what five at a time can do: a queue builds up and empties again. */
const ARRIVALS_PER_SECOND = 3.5;
const SIMULATIONS = 200;

interface Times {
  meanS: number;
  makespanS: number;
  calls: number;
}

export const claim: Claim = {
  name: 'simulation',
  title: 'Simulation against a real run',
  whole: true,
  async run({ quick, repeats, artefact, say }) {
    const items = quick ? 15 : 150;
    const [real, simulated]: [Times[], Times[]] = [[], []];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const seed = repeat + 1;
      const model = new Model(seed);
      // The simulation knows one queue of all owners: here one owner stands for many.
      const environment = { MAX_QUEUED_PER_OWNER: '1000' };
      const slow = await startSlowStack({
        artefact,
        environment,
        respond: () => model.respond(),
      });
      try {
        const overheadMs = await overheadOf(slow);
        const arrivals = poisson(items, ARRIVALS_PER_SECOND, random(seed, 'arrivals'));
        model.begin();
        real.push(await run(slow, arrivals, model));
        simulated.push(runSimulated(arrivals, overheadMs, seed));
        say(`overhead ${overheadMs.toFixed(0)} ms; real ${JSON.stringify(real.at(-1))}`);
        say(`simulated ${JSON.stringify(simulated.at(-1))}`);
      } finally {
        await slow.close();
      }
    }
    const compare = (what: string, unit: string, get: (times: Times) => number) =>
      row({
        what,
        unit,
        ours: simulated.map(get),
        baselines: [{ name: 'real run', values: real.map(get) }],
        targets: [
          { of: 'ratio', atLeast: 0.9 },
          { of: 'ratio', atMost: 1.1 },
        ],
      });
    return {
      setup: `${items} photos at ${ARRIVALS_PER_SECOND}/s, upload ${UPLOAD_MS} ms, analysis ${ANALYSIS_MS} ms, 15 % faults`,
      rows: [
        compare('mean time/item', 's', ({ meanS }) => meanS),
        compare('total time', 's', ({ makespanS }) => makespanS),
        compare('calls/item', '', ({ calls }) => calls),
      ],
    };
  },
};

function random(seed: number, stream: string): () => number {
  const { next } = createRandom(seed, stream);
  return next;
}

/** Fails at once or answers after a delay. Call k fails here if call k of the simulation fails. */
class Model {
  calls = 0;
  #rate = 0;
  readonly #draw: () => number;

  constructor(seed: number) {
    this.#draw = random(seed, 'model');
  }

  begin(): void {
    [this.calls, this.#rate] = [0, FAULT_RATE];
  }

  respond(): Reply {
    this.calls++;
    const isFaulty = this.#rate > 0 && this.#draw() < this.#rate;
    return isFaulty ? replies.unavailable() : { delayMs: ANALYSIS_MS };
  }
}

/**
 * Measures the time of a phase beyond the work itself, with items that do not wait in a queue and with
 * warm processes.
 */
async function overheadOf(slow: SlowStack): Promise<number> {
  const [PROBES, WARM_UP, APART_MS] = [30, 10, 400];
  slow.schedule(Array(PROBES).fill({ upload: UPLOAD_MS, analysis: 0 }));
  const probes = Array.from({ length: PROBES }, async (_, n) => {
    await sleep(n * APART_MS);
    return analyzeOne(slow);
  });
  const media = (await Promise.all(probes)).flat().slice(WARM_UP);
  return Math.max(0, mean(media.map(lifetime)) - UPLOAD_MS - ANALYSIS_MS) / 2;
}

async function run(slow: SlowStack, arrivals: readonly number[], model: Model): Promise<Times> {
  slow.schedule(arrivals.map(() => ({ upload: UPLOAD_MS, analysis: 0 })));
  const started = performance.now();
  const items = arrivals.map(async (arrival) => {
    await sleep(Math.max(0, started + arrival - performance.now()));
    return analyzeOne(slow);
  });
  const media = (await Promise.all(items)).flat();
  const failed = media.filter(({ status }) => status !== 'completed').length;
  if (failed > 0) throw new Error(`${failed} photos failed.`);
  const created = media.map(({ created_at }) => Date.parse(created_at));
  const ended = media.map(({ updated_at }) => Date.parse(updated_at));
  return {
    meanS: mean(media.map(lifetime)) / 1_000,
    makespanS: (Math.max(...ended) - Math.min(...created)) / 1_000,
    calls: model.calls / arrivals.length,
  };
}

async function analyzeOne({ stack }: SlowStack): Promise<Media[]> {
  const { media_ids } = await client(stack).analyze(await pictures(1));
  const results = await client(stack).results(media_ids);
  return results.flatMap((media) => media ?? []);
}

function lifetime({ created_at, updated_at }: Media): number {
  return Date.parse(updated_at) - Date.parse(created_at);
}

/** Simulates the same arrivals and faults many times. Only the jitter of the backoff is random. */
function runSimulated(arrivals: readonly number[], overheadMs: number, seed: number): Times {
  const outcomes = Array.from({ length: SIMULATIONS }, (_, n) =>
    simulate({
      arrivals,
      upload: stage(UPLOAD_MS, overheadMs),
      analyze: stage(ANALYSIS_MS, overheadMs),
      model: { faultRate: FAULT_RATE },
      maxDeliveries: 8,
      random: random(n, 'backoff'),
      faults: random(seed, 'model'),
    }),
  );
  return {
    meanS: mean(outcomes.map(({ meanMs }) => meanMs)) / 1_000,
    makespanS: mean(outcomes.map(({ makespanMs }) => makespanMs)) / 1_000,
    calls: mean(outcomes.map(({ callsPerItem }) => callsPerItem)),
  };
}

function stage(workMs: number, overheadMs: number) {
  return { atATime: AT_A_TIME, dispatchesPerSecond: 500, workMs: () => workMs, overheadMs };
}
