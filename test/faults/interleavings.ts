/**
 * Deliveries, crashes, lost answers, retries, deletes and sweeps in any order, over the code that is
 * deployed and a Firestore in memory: whatever happens, in the end every media is whole.
 */
import { expect, jest } from '@jest/globals';
import fc from 'fast-check';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import { type Observer, observe } from './observer.ts';
import { type Command, World } from './world.ts';

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
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('bin', 'bin', 'restore', 'restore', 'restore', 'erase'),
      media: which,
      diesAfterwards: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      media: which,
      isTakenBack: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sweep' as const) }) },
);

/** @param runs A number of interleavings: as many on every machine. */
export async function expectWholeMedia(runs: number): Promise<void> {
  // No heartbeat beats by itself: in these worlds time passes when a command says so, and the dead
  // have no pulse.
  jest.useFakeTimers({ doNotFake: [...ALL_BUT_INTERVALS] });
  const plan = new FaultPlan();
  const server = await startFirestore({ faults: plan });
  const observer = observe(
    {
      FIRESTORE_EMULATOR_HOST: `127.0.0.1:${server.port}`,
      GOOGLE_CLOUD_PROJECT: World.PROJECT,
    },
    { hasBin: true },
  );
  try {
    await fc.assert(wholeMedia(server.port, plan, observer), {
      numRuns: runs,
      ...replay(),
      // What fails must be seen soon, not in its shortest form.
      endOnFailure: true,
    });
  } finally {
    await observer.close();
    await server.close();
    jest.useRealTimers();
  }
}

const wholeMedia = (port: number, plan: FaultPlan, observer: Observer) =>
  fc.asyncProperty(
    fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }),
    async (commands) => {
      const world = await World.create(port, plan, observer);
      try {
        for (const each of commands) await world.carryOut(each);
        await world.comeToRest();
        expect(await world.violations()).toEqual([]);
      } finally {
        await world.close();
      }
    },
  );
