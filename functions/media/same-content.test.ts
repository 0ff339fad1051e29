import { randomUUID } from 'node:crypto';
import { Timestamp } from '@google-cloud/firestore';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../test/support/firestore.ts';
import { mediaRecord, NOW } from '../../test/support/media.ts';
import { claim } from './claim.ts';
import { type MediaRecord, SCHEMA_VERSION } from './record.ts';
import { readWithCopies } from './same-content.ts';
import { MediaStore } from './store.ts';

const { db } = await openFirestore();
const store = new MediaStore(db);
const COPIES = 100;

let key: string;
/** In the order of Firestore. */
let ids: string[];
beforeEach(() => {
  key = randomUUID().replaceAll('-', '').repeat(2);
  ids = range(COPIES).map((n) => `${key.slice(0, 8)}${String(n).padStart(3, '0')}`);
});

const stored = { status: 'uploading', object: 'o', staging_object: null } as const;
const lease = (ms: number) => ({ token: 't', expires_at: Timestamp.fromMillis(NOW + ms) });

/** @param changes By the position of the copy. */
async function create(changes: Record<number, Partial<MediaRecord>> = {}): Promise<void> {
  const records = ids.map((id, n) =>
    mediaRecord({ id, ...stored, content_key: key, ...changes[n] }),
  );
  await store.create(records, store.batch());
}

const copiesOf = async (n: number) =>
  (await readWithCopies(store.ref(ids[n] ?? ''), key, NOW)).copies;

describe('of a hundred copies, each', () => {
  test.each([0, 50, 99])(
    'finds the one that is being analysed, also if it is number %i',
    async (held) => {
      await create({ [held]: { status: 'analyzing', lease: lease(1) } });
      const found = await copiesOf(held === 7 ? 8 : 7);
      expect(found.map(({ id }) => id)).toContain(ids[held]);
    },
  );

  test.each([0, 50, 99])(
    'finds the one that is completed, also if it is number %i',
    async (completed) => {
      await create({ [completed]: { status: 'completed' } });
      const found = await copiesOf(7);
      expect(found.map(({ id }) => id)).toContain(ids[completed]);
    },
  );

  test('sees that others wait too, if that is all; itself and an expired lease do not count', async () => {
    await create({ 50: { lease: lease(1) }, 60: { lease: lease(0) } });
    const found = await copiesOf(50);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ status }) => status === 'uploading')).toBe(true);
    expect(found.map(({ id }) => id)).not.toContain(ids[50]);
  });

  test.each([0, 50])(
    'takes nothing from one that a later release has written, also if it is number %i',
    async (later) => {
      await create({ [later]: { status: 'completed', schema_version: SCHEMA_VERSION + 1 } });
      expect((await copiesOf(7)).map(({ id }) => id)).not.toContain(ids[later]);
    },
  );

  test('is claimed, and at most one of those that are claimed at the same time keeps its lease', async () => {
    await create();
    const options = { leaseMs: 60_000, maxDeliveries: 8, isPaid: true, now: () => NOW };
    const claims = await Promise.all(
      ids.map((media_id) => {
        const payload = { media_id, attempt: 1, content_key: key };
        return claim(store.ref(media_id), 'analyze', payload, options);
      }),
    );
    const held = claims.filter((each) => each.lease);
    for (const { lease } of held) lease?.abandon();
    expect(held.length).toBeLessThanOrEqual(1);
    // The others have made no call.
    const records = await store.getMany(ids, 'alice');
    const paid = records.filter(({ paid_calls }) => paid_calls > 0);
    expect(paid).toHaveLength(held.length);
  });
});
