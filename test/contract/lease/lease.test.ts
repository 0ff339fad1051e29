import type { DocumentReference, WriteResult } from '@google-cloud/firestore';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { MediaRecord } from '../../../functions/core/media/record.ts';
import { claim } from '../../../functions/core/work/claim.ts';
import {
  type Lease,
  LeaseLostError,
  PROGRESS_INTERVAL_MS,
} from '../../../functions/core/work/lease.ts';
import { GrpcStatus, openFirestore, range } from '../../support/firestore.ts';
import { mediaRecord, NOW } from '../../support/media.ts';

const LEASE_MS = 30_000;

const { collection, connect } = await openFirestore();
let ref: DocumentReference;
/** Reads and writes of `ref` that are not answered yet. */
const calls = new Set<Promise<unknown>>();
let clock: number;
beforeEach(async () => {
  clock = NOW;
  // The heartbeat beats when a test says so; the client's own timers run on.
  jest.useFakeTimers({
    doNotFake: [
      'setTimeout',
      'clearTimeout',
      'setImmediate',
      'clearImmediate',
      'nextTick',
      'queueMicrotask',
      'Date',
      'hrtime',
      'performance',
    ],
  });
  ref = await create();
});
afterEach(() => {
  jest.useRealTimers();
});

async function create(patch: Partial<MediaRecord> = {}): Promise<DocumentReference> {
  const created = collection().doc('m1');
  await created.create(mediaRecord(patch));
  return counted(created);
}

/** The same reference; its reads and writes are in `calls` until they are answered. */
function counted(target: DocumentReference): DocumentReference {
  const count = async <T>(call: Promise<T>): Promise<T> => {
    calls.add(call);
    return call.finally(() => calls.delete(call));
  };
  const update = target.update.bind(target) as (...args: unknown[]) => Promise<WriteResult>;
  const get = target.get.bind(target);
  return Object.assign(target, {
    update: (...args: unknown[]) => count(update(...args)),
    get: () => count(get()),
  });
}

const record = async () => (await ref.get()).data() as MediaRecord;
const options = () => ({ leaseMs: LEASE_MS, maxDeliveries: 8, now: () => clock });
/** By a delivery that Cloud Tasks takes for the first one of its task. */
async function takeDeferred(target = ref): Promise<Lease> {
  const task = { media_id: 'm1', attempt: 1 };
  const { lease } = await claim(target, 'upload', task, { ...options(), isFirst: true });
  if (!lease) throw new Error('not claimed');
  return lease;
}

const claimAs = (target = ref, phase: 'upload' | 'analyze' = 'upload') =>
  claim(target, phase, { media_id: 'm1', attempt: 1 }, options());

async function take(target = ref, phase: 'upload' | 'analyze' = 'upload'): Promise<Lease> {
  const { lease } = await claimAs(target, phase);
  if (!lease) throw new Error('not claimed');
  return lease;
}

/** Lets time pass, and with it the heartbeat beat. */
function pass(ms: number): void {
  clock += ms;
  jest.advanceTimersByTime(ms);
}

/** A reference whose `update` meets the trouble that `around` makes of the real one. */
function troubled(around: (update: () => Promise<unknown>) => Promise<unknown>): DocumentReference {
  return new Proxy(ref, {
    get: (target, name) => {
      if (name === 'update') {
        return (...args: Parameters<DocumentReference['update']>) =>
          around(() => target.update(...args));
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const grpcError = (code: number) => Object.assign(new Error('answer lost'), { code });

describe('the claim of a first delivery', () => {
  test('is written with what comes of the work, and not before', async () => {
    const lease = await takeDeferred();
    expect(await record()).toMatchObject({ status: 'pending', lease: null, revision: 1 });
    await lease.release({ progress: 0.5 });
    const stored = { status: 'uploading', progress: 0.5, lease: null, deliveries: 1, revision: 2 };
    expect(await record()).toMatchObject(stored);
  });

  test('of work that goes on for two seconds is seen, and shuts out others', async () => {
    const lease = await takeDeferred();
    pass(2_000);
    await settled();
    expect(await record()).toMatchObject({ status: 'uploading', progress: 0.1, revision: 2 });
    expect((await claimAs()).decision).toMatchObject({ kind: 'wait', reason: 'leased' });
    pass(2_000);
    await lease.release({ status: 'completed' });
    expect(await record()).toMatchObject({ status: 'completed', revision: 3 });
  });

  test('of two at once: one writes what came of it, and the other changes nothing', async () => {
    const [one, other] = [await takeDeferred(), await takeDeferred()];
    await one.release({ progress: 0.5, object: 'm1/original' });
    await expect(other.release({ status: 'failed' })).rejects.toThrow(LeaseLostError);
    expect(await record()).toMatchObject({
      status: 'uploading',
      object: 'm1/original',
      revision: 2,
    });
  });

  test('is no claim after somebody has claimed it aloud', async () => {
    const quiet = await takeDeferred();
    const loud = await take();
    await expect(quiet.release({ progress: 0.5 })).rejects.toThrow(LeaseLostError);
    await loud.release({ status: 'completed' });
    expect(await record()).toMatchObject({ status: 'completed', revision: 3 });
  });

  test('leads no further than the status machine does', async () => {
    const lease = await takeDeferred();
    await expect(lease.release({ status: 'pending' })).rejects.toThrow(/uploading to pending/);
  });
});

describe('a claim', () => {
  test('of twenty at once one wins, and the others are told to wait for it', async () => {
    const claims = await Promise.all(range(20).map(() => claimAs()));
    const winners = claims.filter(({ lease }) => lease !== undefined);
    const losers = claims.filter(({ lease }) => lease === undefined);
    expect(winners).toHaveLength(1);
    expect(winners[0]?.decision).toEqual({ kind: 'claim' });
    for (const { decision } of losers) {
      expect(decision).toEqual({ kind: 'wait', ms: LEASE_MS, reason: 'leased' });
    }
    expect(await record()).toMatchObject({ status: 'uploading', deliveries: 1, revision: 2 });
  });

  test('of twenty at once, each through a client of its own, one wins', async () => {
    const claims = await Promise.all(range(20).map(() => claimAs(connect().doc(ref.path))));
    expect(claims.filter(({ lease }) => lease !== undefined)).toHaveLength(1);
  });

  test('says in the document who works, until when, and that it has begun', async () => {
    await take();
    const { lease, ...rest } = await record();
    expect(lease?.token).toMatch(/^[\da-f-]{36}$/);
    expect(lease?.expires_at.toMillis()).toBe(NOW + LEASE_MS);
    expect(rest).toMatchObject({ status: 'uploading', progress: 0.1, retry_at: null });
  });

  test('of the second phase goes on from where the first one ended', async () => {
    ref = await create({ status: 'uploading', progress: 0.5, object: 'm1/original', revision: 7 });
    await take(ref, 'analyze');
    expect(await record()).toMatchObject({ status: 'analyzing', progress: 0.5, revision: 8 });
  });

  test('after a redelivery does not let progress fall', async () => {
    ref = await create({ status: 'uploading', progress: 0.3 });
    await take();
    expect((await record()).progress).toBe(0.3);
  });

  test('once too often takes the lease all the same, to write the failure', async () => {
    ref = await create({ deliveries: 8 });
    const { decision, lease } = await claimAs();
    expect(decision).toEqual({ kind: 'exhausted' });
    await lease?.release({ status: 'failed', error_code: 'internal' });
    expect(await record()).toMatchObject({ status: 'failed', lease: null });
  });

  test('of what was deleted claims nothing, and makes no document', async () => {
    await ref.delete();
    expect((await claimAs()).lease).toBeUndefined();
    expect((await ref.get()).exists).toBe(false);
  });
});

describe('a worker whose lease ran out while it slept', () => {
  let stale: Lease;
  let fresh: Lease;
  beforeEach(async () => {
    stale = await take();
    clock += LEASE_MS;
    fresh = await take();
  });

  test('finds that another one has the media', async () => {
    expect(await record()).toMatchObject({ deliveries: 2, revision: 3 });
    expect(stale.signal.aborted).toBe(false);
    await expect(stale.release({ status: 'completed' })).rejects.toThrow(LeaseLostError);
    expect(stale.signal.reason).toBeInstanceOf(LeaseLostError);
  });

  test.each<[string, (lease: Lease) => Promise<unknown>]>([
    ['a result', (lease) => lease.release({ status: 'completed', progress: 1 })],
    ['a failure', (lease) => lease.release({ status: 'failed', error_code: 'internal' })],
    ['nothing but the lease given back', (lease) => lease.release({})],
  ])('changes nothing by %s', async (_what, write) => {
    const before = await ref.get();
    await expect(write(stale)).rejects.toThrow(LeaseLostError);
    expect((await ref.get()).updateTime).toEqual(before.updateTime);
  });

  test('changes nothing by progress or heartbeat, and learns of its loss by them', async () => {
    const before = await ref.get();
    const lost = new Promise((resolve) => stale.signal.addEventListener('abort', resolve));
    clock += PROGRESS_INTERVAL_MS;
    stale.progress(0.4);
    await lost;
    expect((await ref.get()).updateTime).toEqual(before.updateTime);
  });

  test('does not disturb the one that works now', async () => {
    await stale.release({ status: 'failed' }).catch(() => undefined);
    await fresh.release({ status: 'completed', progress: 1 });
    expect(await record()).toMatchObject({ status: 'completed', revision: 4, lease: null });
  });

  test('may go on if nobody else came', async () => {
    ref = await create();
    const alone = await take();
    clock += 10 * LEASE_MS;
    await alone.release({ status: 'completed', progress: 1 });
    expect((await record()).status).toBe('completed');
  });
});

test('a media that is deleted meanwhile stays deleted', async () => {
  const lease = await take();
  await ref.delete();
  await expect(lease.release({ status: 'completed' })).rejects.toThrow(LeaseLostError);
  expect((await ref.get()).exists).toBe(false);
});

describe('a write whose answer was lost', () => {
  test('and that the client repeats, as it does, is known for our own', async () => {
    const twice = troubled(async (update) => {
      await update();
      return update();
    });
    let revision = 1;
    const known = async () => expect((await record()).revision).toBe(++revision);
    const lease = await take(twice);
    await known();
    pass(LEASE_MS / 3);
    await settled();
    await known();
    await lease.release({ status: 'completed' });
    expect(await record()).toMatchObject({ status: 'completed', lease: null });
    expect(lease.isReleased).toBe(true);
    await known();
  });

  test('is not mistaken for the next one: what came of the work is written', async () => {
    let losing = false;
    const lossy = troubled(async (update) => {
      const answer = await update();
      if (losing) throw grpcError(GrpcStatus.DEADLINE_EXCEEDED);
      return answer;
    });
    const lease = await take(lossy);
    clock += PROGRESS_INTERVAL_MS;
    losing = true;
    lease.progress(0.3);
    await untilProgress(0.3);
    losing = false;
    await lease.release({ status: 'completed', progress: 1 });
    expect(await record()).toMatchObject({ status: 'completed', progress: 1, lease: null });
  });

  test('is not found in what others did meanwhile', async () => {
    let failing = false;
    const lease = await take(
      troubled(async (update) => {
        if (failing) throw grpcError(GrpcStatus.UNAVAILABLE);
        return update();
      }),
    );
    failing = true;
    // As many heartbeats fail as another delivery makes writes.
    pass(LEASE_MS / 3);
    await settled();
    clock += LEASE_MS;
    await (await take()).release({});
    clock += 1;
    failing = false;
    await expect(lease.release({ status: 'completed' })).rejects.toThrow(LeaseLostError);
    expect((await record()).status).toBe('uploading');
  });

  test('does not let a later progress fall behind it', async () => {
    let losing = false;
    const lossy = troubled(async (update) => {
      const answer = await update();
      if (losing) throw grpcError(GrpcStatus.UNAVAILABLE);
      return answer;
    });
    const lease = await take(lossy);
    clock += PROGRESS_INTERVAL_MS;
    losing = true;
    lease.progress(0.4);
    await untilProgress(0.4);
    losing = false;
    await lease.release({ progress: 0.2 });
    expect((await record()).progress).toBe(0.4);
  });
});

async function untilProgress(progress: number): Promise<void> {
  while ((await record()).progress !== progress);
}

describe('while it is held', () => {
  test('the heartbeat renews it, so that nobody else gets it however long the work takes', async () => {
    const lease = await take();
    for (let beat = 1; beat <= 6; beat++) {
      pass(LEASE_MS / 3);
      await untilRevision(2 + beat);
      expect((await record()).lease?.expires_at.toMillis()).toBe(clock + LEASE_MS);
    }
    expect((await claimAs()).decision).toMatchObject({ kind: 'wait', reason: 'leased' });
    await lease.release({ status: 'completed' });
    expect((await record()).revision).toBe(9);
  });

  test('the heartbeat stops with the work, whatever its end', async () => {
    const released = await take();
    await released.release({});
    const abandoned = await take();
    abandoned.abandon();
    expect(jest.getTimerCount()).toBe(0);
    pass(LEASE_MS);
    expect((await claimAs()).decision).toEqual({ kind: 'claim' });
  });

  test('a heartbeat that fails is made up for by the next', async () => {
    let failing = false;
    const lease = await take(
      troubled(async (update) => {
        if (failing) throw grpcError(GrpcStatus.UNAVAILABLE);
        return update();
      }),
    );
    failing = true;
    pass(LEASE_MS / 3);
    await new Promise((resolve) => setImmediate(resolve));
    failing = false;
    pass(LEASE_MS / 3);
    await untilRevision(3);
    expect(lease.signal.aborted).toBe(false);
    lease.abandon();
  });

  test('progress is written once in an interval at most, never falls and never passes 1', async () => {
    const lease = await take();
    const seen: number[] = [];
    const stop = ref.onSnapshot((snapshot) => void seen.push(snapshot.get('progress')));
    for (const value of [0.2, 0.3, 0.25, 0.1, 0.6, 0.5, 7]) {
      // Nine calls in each, of which the first counts.
      clock += PROGRESS_INTERVAL_MS;
      for (let call = 0; call < 9; call++) lease.progress(value + call / 1_000);
      await settled();
    }
    await lease.release({});
    stop();
    const { progress, revision } = await record();
    expect(progress).toBe(1);
    expect(revision).toBe(2 + 4 + 1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('progress that comes while the last one is on its way is left out', async () => {
    const gate = Promise.withResolvers<void>();
    let isSlow = false;
    const slow = troubled(async (update) => {
      if (isSlow) await gate.promise;
      return update();
    });
    const lease = await take(slow);
    isSlow = true;
    for (let n = 1; n <= 30; n++) {
      clock += PROGRESS_INTERVAL_MS;
      lease.progress(0.5 - n / 100);
    }
    gate.resolve();
    await lease.release({});
    expect(await record()).toMatchObject({ progress: 0.49, revision: 4 });
  });

  test('no step is taken that the status machine does not know', async () => {
    const lease = await take();
    const before = await record();
    await expect(lease.release({ status: 'pending' })).rejects.toThrow(/uploading to pending/);
    expect(await record()).toEqual(before);
    expect(lease.signal.aborted).toBe(false);
  });
});

describe('once it is given back', () => {
  test('the next delivery has it at once', async () => {
    const lease = await take();
    await lease.release({});
    expect(await record()).toMatchObject({ lease: null, status: 'uploading' });
    expect((await claimAs()).decision).toEqual({ kind: 'claim' });
  });

  test('work that does not know yet that it is over cannot take it back', async () => {
    const lease = await take();
    await lease.release({ status: 'failed', error_code: 'internal' });
    const before = await record();
    pass(LEASE_MS);
    lease.progress(0.4);
    await settled();
    expect(await record()).toEqual(before);
  });
});

describe('the last write', () => {
  const paid = { status: 'completed', progress: 1, sha256: 'paid for' } as const;
  const isOnRecord = { ...paid, lease: null };

  test.each([
    'ABORTED',
    'CANCELLED',
    'DEADLINE_EXCEEDED',
    'UNAVAILABLE',
    'UNAUTHENTICATED',
  ] as const)('that meets %s is repeated: what was paid for is kept', async (code) => {
    let faults = 0;
    const lease = await take(
      troubled(async (update) => {
        if (faults-- > 0) throw grpcError(GrpcStatus[code]);
        return update();
      }),
    );
    faults = 2;
    await lease.release(paid);
    expect(await record()).toMatchObject({ ...isOnRecord, revision: 3 });
  });

  test('whose answer was lost is known for our own, and is not written twice', async () => {
    let losing = false;
    const lease = await take(
      troubled(async (update) => {
        const answer = await update();
        if (!losing) return answer;
        losing = false;
        throw grpcError(GrpcStatus.DEADLINE_EXCEEDED);
      }),
    );
    losing = true;
    await lease.release(paid);
    expect(await record()).toMatchObject({ ...isOnRecord, revision: 3 });
    expect(lease.isReleased).toBe(true);
  });

  test('is repeated after the lease has expired, for as long as its delivery may work', async () => {
    let faults = 0;
    const target = troubled(async (update) => {
      if (faults === 0) return update();
      faults--;
      clock += LEASE_MS;
      throw grpcError(GrpcStatus.UNAVAILABLE);
    });
    const task = { media_id: 'm1', attempt: 1 };
    const long = { ...options(), budgetMs: 8 * LEASE_MS, sleep: async () => undefined };
    const { lease } = await claim(target, 'upload', task, long);
    faults = 7;
    await lease?.release(paid);
    expect(await record()).toMatchObject({ ...isOnRecord, revision: 3 });
  });

  test('is given up when its delivery has to end, and then another release writes the same', async () => {
    let failing = false;
    const lease = await take(
      troubled(async (update) => {
        if (!failing) return update();
        clock += LEASE_MS;
        throw grpcError(GrpcStatus.UNAVAILABLE);
      }),
    );
    failing = true;
    await expect(lease.release(paid)).rejects.toMatchObject({ code: GrpcStatus.UNAVAILABLE });
    expect(lease.isUnwritten).toBe(true);
    failing = false;
    await lease.release({});
    expect(await record()).toMatchObject(isOnRecord);
    expect(lease.isUnwritten).toBe(false);
  });

  test('is not repeated if Firestore refuses it for good', async () => {
    let calls = 0;
    const lease = await take(
      troubled(async (update) => {
        if (calls++ > 0) throw grpcError(GrpcStatus.INVALID_ARGUMENT);
        return update();
      }),
    );
    await expect(lease.release(paid)).rejects.toMatchObject({ code: GrpcStatus.INVALID_ARGUMENT });
    expect(calls).toBe(2);
  });

  test('is not repeated after another delivery has claimed the media', async () => {
    let failing = false;
    const lease = await take(
      troubled(async (update) => {
        if (!failing) return update();
        failing = false;
        clock += LEASE_MS;
        await take();
        // The clocks of two workers differ.
        clock -= LEASE_MS;
        throw grpcError(GrpcStatus.UNAVAILABLE);
      }),
    );
    failing = true;
    await expect(lease.release(paid)).rejects.toThrow(LeaseLostError);
    expect((await record()).status).toBe('uploading');
  });
});

async function untilRevision(revision: number): Promise<void> {
  while ((await record()).revision < revision);
}

/** Resolves when no call of `ref` is on its way, and none follows from the last answer. */
async function settled(): Promise<void> {
  do {
    await Promise.allSettled(calls);
    await new Promise((resolve) => setImmediate(resolve));
  } while (calls.size > 0);
}
