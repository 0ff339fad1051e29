/**
 * Deliveries, crashes, lost answers, retries, deletes and sweeps in any order, over the code that is
 * deployed and a Firestore in memory: whatever happens, in the end every media is whole.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { FaultPlan } from '../../local/faults/plan.ts';
import { type RunningService, startFirestore } from '../../local/firestore/server.ts';
import { type Observer, observe } from './observer.ts';
import { type Command, World } from './world.ts';

/** About fifteen seconds of work: as many on every machine. */
const RUNS = 25;

const ALL_BUT_INTERVALS = [
  'setTimeout',
  'clearTimeout',
  'setImmediate',
  'clearImmediate',
  'nextTick',
  'queueMicrotask',
  'Date',
  'hrtime',
  'performance',
] as const;

const plan = new FaultPlan();
let server: RunningService;
let observer: Observer;
beforeAll(async () => {
  // No heartbeat beats by itself: in these worlds time passes when a command says so, and the dead
  // have no pulse.
  jest.useFakeTimers({ doNotFake: [...ALL_BUT_INTERVALS] });
  server = await startFirestore({ faults: plan });
  observer = observe({
    FIRESTORE_EMULATOR_HOST: `127.0.0.1:${server.port}`,
    GOOGLE_CLOUD_PROJECT: World.PROJECT,
  });
});
afterAll(async () => {
  await observer.close();
  await server.close();
  jest.useRealTimers();
});

/** `INTERLEAVINGS='{"seed":1,"path":"4:2"}'`: what a failure has printed, to see that one run again. */
function replay(): { seed?: number; path?: string } {
  const { INTERLEAVINGS } = process.env;
  return INTERLEAVINGS ? JSON.parse(INTERLEAVINGS) : {};
}

const which = fc.nat(20);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      task: which,
      // Workers whose clocks differ, some by more than a lease.
      skewMs: fc.constantFrom(0, 0, 0, -10_000, 10_000, -40_000, 40_000),
      model: fc.constantFrom('good', 'good', 'good', 'busy', 'refuses', 'later', 'tomorrow'),
      // Cloud Tasks may deliver twice without knowing it.
      isFirst: fc.boolean(),
    }),
  },
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('step' as const), actor: which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), actor: which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      fault: fc.constantFrom('refuse' as const, 'lose' as const),
      // The one that the client does not repeat by itself, a second later.
      code: fc.constant('DEADLINE_EXCEEDED' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1_000, 10_000, 31_000, 130_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('retry' as const),
      media: which,
      diesAfterwards: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      media: which,
      diesAfterwards: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sweep' as const) }) },
);

test('no interleaving loses a media, ends one twice, or leaves bytes without one', async () => {
  const property = fc.asyncProperty(
    fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }),
    async (commands) => {
      const world = await World.create(server.port, plan, observer);
      try {
        for (const each of commands) await world.carryOut(each);
        await world.comeToRest();
        expect(await world.violations()).toEqual([]);
      } finally {
        await world.close();
      }
    },
  );
  await fc.assert(property, {
    numRuns: RUNS,
    ...replay(),
    // What fails must be seen soon, not in its shortest form.
    endOnFailure: true,
  });
});
