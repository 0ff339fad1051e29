import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import { ServiceKeys } from './service-keys.ts';

let service: Awaited<ReturnType<typeof startFirestore>>;
let firestore: Firestore;
let nowMs: number;
let reads: number;
let isAway: boolean;

beforeAll(async () => {
  service = await startFirestore();
  const { host, port } = service;
  process.env.METADATA_SERVER_DETECTION ??= 'none';
  firestore = new Firestore({ projectId: 'keys', host: `${host}:${port}`, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await service.close();
});
beforeEach(async () => {
  nowMs = Date.parse('2026-11-27T10:00:00Z');
  reads = 0;
  isAway = false;
  await firestore.recursiveDelete(firestore.collection('service_keys'));
});

/** One process. */
const open = () =>
  new ServiceKeys(
    async () => {
      reads++;
      if (isAway) throw new Error('away');
      return firestore;
    },
    () => nowMs,
  );

/** The operator. */
const operator = new ServiceKeys(
  async () => firestore,
  () => nowMs,
);

describe('a service key', () => {
  test('is found by the key alone, and only its hash is kept', async () => {
    const { key, record } = await operator.add('shop', ['read', 'write']);
    expect(key).toMatch(/^mk_[\w-]{43}$/);
    expect(await open().find(key)).toEqual({
      id: record.id,
      scopes: ['read', 'write'],
      endsAtMs: null,
    });
    const { docs } = await firestore.collection('service_keys').get();
    const kept = JSON.stringify(docs.map((doc) => [doc.id, doc.data()]));
    expect(kept).not.toContain(key.slice(record.prefix.length));
    expect(kept).toContain(record.prefix);
  });

  test('that was made a moment ago is found by a process that has read before, and so is the next one', async () => {
    const keys = open();
    expect(await keys.find(`mk_${'x'.repeat(43)}`)).toBeUndefined();
    for (let made = 0; made < 4; made++) {
      nowMs += 10;
      const { key, record } = await operator.add('shop', ['read']);
      expect(await keys.find(key)).toMatchObject({ id: record.id });
    }
  });

  test('that was made during a flood of guesses is found after some seconds', async () => {
    const keys = open();
    for (let guess = 0; guess < 20; guess++) {
      await keys.find(`mk_${String(guess).padStart(43, 'x')}`);
    }
    const { key, record } = await operator.add('shop', ['read']);
    nowMs += 5_001;
    expect(await keys.find(key)).toMatchObject({ id: record.id });
  });

  test('that was revoked is refused within a minute, and costs no read before', async () => {
    const { key, record } = await operator.add('shop', ['read']);
    const keys = open();
    await keys.find(key);
    await operator.revoke(record.id);
    nowMs += 29_000;
    expect(await keys.find(key)).toBeDefined();
    expect(reads).toBe(1);
    nowMs += 2_000;
    expect(await keys.find(key)).toBeUndefined();
    expect(await keys.isUsable(record.id)).toBe(false);
  });

  test('that was revoked is refused within a minute also while the database does not answer', async () => {
    const { key } = await operator.add('shop', ['read']);
    const keys = open();
    await keys.find(key);
    isAway = true;
    nowMs += 50_000;
    expect(await keys.find(key)).toBeDefined();
    nowMs += 9_000;
    await expect(keys.find(key)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('ends at its end', async () => {
    const { key, record } = await operator.add('shop', ['read'], nowMs + 10_000);
    const keys = open();
    expect(await keys.find(key)).toMatchObject({ endsAtMs: nowMs + 10_000 });
    nowMs += 10_000;
    expect(await keys.find(key)).toBeUndefined();
    expect(await keys.isUsable(record.id)).toBe(false);
  });

  test('that is guessed costs few reads, however many guesses there are', async () => {
    const keys = open();
    for (let guess = 0; guess < 500; guess++) {
      await keys.find(`mk_${String(guess).padStart(43, 'x')}`);
      nowMs += 10;
    }
    // The first one, five that are spare, and one more in five seconds.
    expect(reads).toBeLessThanOrEqual(7);
  });

  test('of another form is not looked for', async () => {
    const keys = open();
    for (const text of ['mk_', 'mk_short', `mk_${'x'.repeat(44)}`, `mk_${'/'.repeat(43)}`]) {
      expect(await keys.find(text)).toBeUndefined();
    }
    expect(reads).toBe(0);
  });

  test('is listed after it was revoked, and may be revoked twice', async () => {
    const { record } = await operator.add('shop', ['read']);
    await operator.revoke(record.id);
    const again = await operator.revoke(record.id);
    expect((await operator.list()).map(({ id, revoked_at }) => [id, revoked_at])).toEqual([
      [record.id, again.revoked_at],
    ]);
    await expect(operator.revoke('key_none')).rejects.toMatchObject({ code: 'not_found' });
  });
});
