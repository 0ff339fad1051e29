/**
 * `npm run simulate [-- --per-day 1000000 --analyze-at-a-time 100 …]`: simulates the busiest minutes of a
 * day, with arrivals, queues, quota and retries. `docs/capacity.md` uses the results.
 */
import { readCommand } from '../deploy/npm-options.ts';
import { createRandom } from '../local-cloud/faults/random.ts';
import { format } from './lib/result.ts';
import { type Outcome, poisson, simulate } from './lib/simulation.ts';

const OPTIONS = {
  'per-day': { type: 'string', default: '1000,1000000' },
  peak: { type: 'string', default: '3' },
  minutes: { type: 'string', default: '20' },
  'upload-s': { type: 'string', default: '1' },
  'analysis-s': { type: 'string', default: '4' },
  'overhead-ms': { type: 'string', default: '50' },
  'upload-at-a-time': { type: 'string', default: '5' },
  'analyze-at-a-time': { type: 'string', default: '5' },
  queues: { type: 'string', default: '1' },
  'fault-rate': { type: 'string', default: '0.02' },
  'calls-per-minute': { type: 'string', default: '0' },
} as const;
const MAY_BE_ZERO = new Set<string>([
  'upload-s',
  'analysis-s',
  'overhead-ms',
  'fault-rate',
  'calls-per-minute',
]);
const USAGE = `npm run simulate [-- --OPTION N …]; the options and their defaults:

${Object.entries(OPTIONS)
  .map(([name, { default: value }]) => `  --${name} ${value}`)
  .join('\n')}

--per-day may be several numbers with commas; --peak is the busiest time over the average; --calls-per-minute 0: no limit`;
const values = readCommand('simulate', USAGE, OPTIONS, (read, [more]) => {
  if (more !== undefined) throw new Error(`Unexpected argument '${more}'.`);
  const { 'per-day': perDay, ...numbers } = read;
  const given = perDay.split(',').map((text) => ['per-day', text] as const);
  for (const [name, text] of [...given, ...Object.entries(numbers)]) {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const mayBeZero = MAY_BE_ZERO.has(name);
    if (Number.isFinite(value) && (value > 0 || (value === 0 && mayBeZero))) continue;
    throw new Error(`--${name} ${text}: write a number${mayBeZero ? '' : ' above 0'}.`);
  }
  return read;
});
const number = (name: Exclude<keyof typeof values, 'per-day'>) => Number(values[name]);

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
