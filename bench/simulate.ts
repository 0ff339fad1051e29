/**
 * `npm run simulate [-- --per-day 1000000 --analyze-at-a-time 100 …]`: simulates the busiest minutes of a
 * day, with arrivals, queues, quota and retries. `docs/capacity.md` uses the results.
 */
import { parseArgs } from 'node:util';
import { createRandom } from '../local-cloud/faults/random.ts';
import { format } from './lib/result.ts';
import { type Outcome, poisson, simulate } from './lib/simulation.ts';

const { values } = parseArgs({
  options: {
    'per-day': { type: 'string', default: '1000,1000000' },
    /** Factor of the busiest time over the average. */
    peak: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '20' },
    'upload-s': { type: 'string', default: '1' },
    'analysis-s': { type: 'string', default: '4' },
    'overhead-ms': { type: 'string', default: '50' },
    'upload-at-a-time': { type: 'string', default: '5' },
    'analyze-at-a-time': { type: 'string', default: '5' },
    queues: { type: 'string', default: '1' },
    'fault-rate': { type: 'string', default: '0.02' },
    /** 0: no limit. */
    'calls-per-minute': { type: 'string', default: '0' },
  },
});
const number = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`--${name} must be a number of at least 0, not "${values[name]}".`);
  process.exit(2);
};

/** The limit of one queue: https://cloud.google.com/tasks/docs/quotas */
const DISPATCHES_PER_SECOND = 500;

const rows = values['per-day'].split(',').map((text) => rowOf(Number(text)));
console.table(rows);

function rowOf(perDay: number) {
  const perSecond = (perDay / 86_400) * number('peak');
  const items = Math.max(10, Math.round(perSecond * number('minutes') * 60));
  const outcome = simulateDay(items, perSecond);
  return {
    'media a day': perDay.toLocaleString('en'),
    'at peak, a second': format(perSecond),
    simulated: items.toLocaleString('en'),
    'mean s': format(outcome.meanMs / 1_000),
    'p50 s': format(outcome.p50Ms / 1_000),
    'p99 s': format(outcome.p99Ms / 1_000),
    'longest queue': outcome.longestQueue.toLocaleString('en'),
    'calls an item': format(outcome.callsPerItem),
    failed: outcome.failed,
  };
}

function simulateDay(items: number, perSecond: number): Outcome {
  const queues = number('queues');
  const random = (name: string) => createRandom(1, name).next;
  const around = (seconds: number, next: () => number) => () => seconds * 1_000 * (0.5 + next());
  const callsPerMinute = number('calls-per-minute');
  const stage = (name: 'upload' | 'analyze', seconds: number) => ({
    atATime: number(`${name}-at-a-time`) * queues,
    dispatchesPerSecond: DISPATCHES_PER_SECOND * queues,
    workMs: around(seconds, random(name)),
    overheadMs: number('overhead-ms'),
  });
  return simulate({
    arrivals: poisson(items, perSecond, random('arrivals')),
    upload: stage('upload', number('upload-s')),
    analyze: stage('analyze', number('analysis-s')),
    model: {
      faultRate: number('fault-rate'),
      ...(callsPerMinute > 0 && { callsPerMinute }),
    },
    maxDeliveries: 8,
    random: random('backoff'),
    faults: random('model'),
  });
}
