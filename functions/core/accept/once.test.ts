import { randomUUID } from 'node:crypto';
import type { Firestore, WriteBatch } from '@google-cloud/firestore';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import { ownerHash } from '../media/owner-hash.ts';
import type { MediaRecord } from '../media/record.ts';
import { MediaStore } from '../media/store.ts';
import { AcceptanceStore, IDEMPOTENCY_COLLECTION } from './acceptances.ts';
import { DailyUploads } from './daily-uploads.ts';
import { closeRequest, commit } from './once.ts';

const DAY_MS = 24 * 3600 * 1_000;
const { db } = await openFirestore();
const media = new MediaStore(db);

let clock: number;
let store: AcceptanceStore;
let key: { ownerId: string; key: string };
beforeEach(() => {
  clock = NOW;
  store = new AcceptanceStore(db, () => clock);
  key = { ownerId: 'alice', key: randomUUID() };
});

const records = (): MediaRecord[] => range(2).map(() => mediaRecord({ id: media.newId() }));
/** Creates media as a request does that has no other writes. */
const create = (made: MediaRecord[], by: Partial<typeof key> = key, firestore = db) =>
  commitIn(firestore.batch(), made, by);
function commitIn(batch: WriteBatch, records: MediaRecord[], by: Partial<typeof key> = key) {
  const request = { ownerId: by.ownerId ?? 'alice', idempotencyKey: by.key };
  const offer = { records, rejected: [], fingerprint: () => 'f' };
  return commit(request, offer, batch, { media, acceptances: store });
}
const ids = (made: MediaRecord[]) => made.map(({ id }) => id);

async function existing(made: MediaRecord[]): Promise<number> {
  const snapshots = await db.getAll(...made.map(({ id }) => media.ref(id)));
  return snapshots.filter(({ exists }) => exists).length;
}

describe('a request with a key', () => {
  test('makes its media, and is found by the key afterwards', async () => {
    const made = records();
    expect(await store.find(key)).toBeUndefined();
    expect(await create(made)).toBeUndefined();
    expect(await existing(made)).toBe(2);
    expect(await store.find(key)).toMatchObject({
      fingerprint: 'f',
      rejected: [],
      media_ids: ids(made),
    });
  });

  test('of ten side by side makes media once, and the others learn which', async () => {
    const all = range(10).map(records);
    const answers = await Promise.all(all.map((made) => create(made)));
    const won = all.filter((_, n) => answers[n] === undefined);
    expect(won).toHaveLength(1);
    const winner = won[0] ?? [];
    for (const answer of answers) if (answer) expect(answer.media_ids).toEqual(ids(winner));
    expect(await existing(winner)).toBe(2);
    expect(await existing(all.filter((made) => made !== winner).flat())).toBe(0);
  });

  test('is nobody else’s, and no other key’s', async () => {
    await create(records());
    expect(await store.find({ ...key, ownerId: 'bob' })).toBeUndefined();
    expect(await store.find({ ...key, key: `${key.key}x` })).toBeUndefined();
    expect(await create(records(), { ...key, ownerId: 'bob' })).toBeUndefined();
  });

  test.each(['/', '..', '__a__', 'あ\0', 'x'.repeat(255)])(
    'may have any text for it: %j',
    async (text) => {
      key = { ownerId: `${randomUUID()}/${text}`, key: text };
      await create(records());
      expect(await store.find(key)).toBeDefined();
    },
  );

  test('writes what belongs to it with the media or not at all', async () => {
    const beside = db.collection('beside').doc(randomUUID());
    await create(records());
    const lost = await commitIn(db.batch().set(beside, { a: 1 }), records());
    expect(lost).toBeDefined();
    expect((await beside.get()).exists).toBe(false);
  });
});

describe('a request that is closed', () => {
  const dailyUploads = new DailyUploads(db, { bytes: 0, files: 100 }, () => clock);
  const close = () => closeRequest(key, { media, acceptances: store, dailyUploads });

  test('has made what is answered, and is not counted', async () => {
    const made = records();
    await create(made);
    const { mediaIds, records: found } = await close();
    expect(mediaIds).toEqual(ids(made));
    expect(ids(found)).toEqual(ids(made));
  });

  test('makes nothing if it comes later, however often it is closed', async () => {
    expect((await close()).mediaIds).toEqual([]);
    expect((await close()).mediaIds).toEqual([]);
    const made = records();
    expect(await create(made)).toMatchObject({ media_ids: [] });
    expect(await existing(made)).toBe(0);
  });

  test('while it is being made: what is answered is what is there', async () => {
    for (let n = 0; n < 10; n++) {
      key = { ownerId: 'alice', key: randomUUID() };
      const made = records();
      const [{ mediaIds }] = await Promise.all([close(), create(made)]);
      expect(mediaIds).toEqual((await existing(made)) === 2 ? ids(made) : []);
    }
  });

  test('is nobody else’s', async () => {
    await create(records());
    key = { ...key, ownerId: 'bob' };
    expect((await close()).mediaIds).toEqual([]);
  });

  test('is no file of the day, but nobody closes without end', async () => {
    key.ownerId = randomUUID();
    await close();
    await close();
    expect(dailyUploads.sent(await dailyUploads.remaining(key.ownerId)).files).toBe(0);
    const name = `${new Date(clock).toISOString().slice(0, 10)}-${ownerHash(key.ownerId)}`;
    const day = db.collection('daily_uploads').doc(name);
    expect((await day.get()).get('closings')).toBe(1);
    await day.update({ closings: 10_000 });
    await close();
    key = { ...key, key: randomUUID() };
    await expect(close()).rejects.toMatchObject({ code: 'rate_limited' });
  });
});

test('requests without a key make media each time', async () => {
  const [one, two] = [records(), records()];
  for (const made of [one, two]) {
    expect(await create(made, {})).toBeUndefined();
  }
  expect(await existing([...one, ...two])).toBe(4);
});

describe('after a day', () => {
  test('the key is free, and one of those that want it gets it', async () => {
    await create(records());
    clock += DAY_MS - 1;
    expect(await store.find(key)).toBeDefined();
    clock += 1;
    expect(await store.find(key)).toBeUndefined();
    const all = range(5).map(records);
    const answers = await Promise.all(all.map((made) => create(made)));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(await existing(all.flat())).toBe(2);
  });

  test('nobody is told of media that were not made, when the record is deleted just then', async () => {
    await create(records());
    clock += DAY_MS;
    const made = records();
    await expect(create(made, key, beforeCommit(removeRecords))).rejects.toThrow();
    expect(await existing(made)).toBe(0);
  });
});

test('a commit whose answer was lost, and that the client repeats, made its media', async () => {
  for (const by of [key, {}]) {
    const made = records();
    const lossy = beforeCommit(async (commit) => void (await commit()));
    expect(await create(made, by, lossy)).toBeUndefined();
    expect(await existing(made)).toBe(2);
  }
});

/** What a TTL policy does when it gets to it. */
async function removeRecords(): Promise<void> {
  await db.recursiveDelete(db.collection(IDEMPOTENCY_COLLECTION));
}

/**
 * A client to which something happens just before each commit; it may commit the same writes itself,
 * as a first try did whose answer never came.
 */
function beforeCommit(happens: (commit: () => Promise<unknown>) => Promise<void>): Firestore {
  const trapped = (...calls: ((batch: WriteBatch) => void)[]) => {
    const batch = db.batch();
    return new Proxy(batch, {
      get: (target, name) => {
        if (name === 'commit') {
          return async () => {
            await happens(async () => {
              const first = db.batch();
              for (const call of calls) call(first);
              await first.commit();
            });
            return target.commit();
          };
        }
        return (...args: unknown[]) => {
          calls.push((other) => Reflect.apply(Reflect.get(other, name), other, args));
          return Reflect.apply(Reflect.get(target, name), target, args);
        };
      },
    });
  };
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'batch') return () => trapped();
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
