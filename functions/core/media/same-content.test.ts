import { randomUUID } from 'node:crypto';
import { Timestamp } from '@google-cloud/firestore';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { shortened } from '../../../test/support/long-test.ts';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import type { Analyzer } from '../../analysis/index.ts';
import type { MediaFacts } from '../../inspect/index.ts';
import { createAnalyzeMedia } from '../work/analyze-media.ts';
import { claim } from '../work/claim.ts';
import type { WorkerDeps } from '../work/work.ts';
import { NO_FEATURES } from './moments.ts';
import { type MediaRecord, SCHEMA_VERSION } from './record.ts';
import { type Analyst, contentKey, presentKey, readWithCopies } from './same-content.ts';
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
  test.each(shortened([99, 50, 0], 1))(
    'finds the one that is being analysed, also if it is number %i',
    async (held) => {
      await create({ [held]: { status: 'analyzing', lease: lease(1) } });
      const found = await copiesOf(held === 7 ? 8 : 7);
      expect(found.map(({ id }) => id)).toContain(ids[held]);
    },
  );

  test.each(shortened([99, 50, 0], 1))(
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

  test.each(shortened([0, 50], 1))(
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
    const paid = records.filter(({ paid_calls = 0 }) => paid_calls > 0);
    expect(paid).toHaveLength(held.length);
  });
});

/** What the model of today has written. */
const CURRENT = { prompt_version: '2' } as MediaRecord['analytics'];
const OUTDATED = { prompt_version: '1' } as MediaRecord['analytics'];
const analyst: Analyst = {
  asking: (model) => (model ? { ...analyst, model } : analyst),
  model: 'googleai/today',
  promptVersion: '2',
  isCurrent: ({ prompt_version }) => prompt_version === '2',
  isCurrentResult: (_name, { version }) => version === '2',
};
const SHA = 'a'.repeat(64);

/** Claims each of the media, all at the same time. @returns how many keep their lease */
async function claimAll(media: string[]): Promise<number> {
  const options = { leaseMs: 60_000, maxDeliveries: 8, isPaid: true, now: () => NOW, analyst };
  const claims = await Promise.all(
    media.map((media_id) => {
      const payload = { media_id, attempt: 1, content_key: key };
      return claim(store.ref(media_id), 'analyze', payload, options);
    }),
  );
  for (const { lease } of claims) lease?.abandon();
  return claims.filter(({ lease }) => lease).length;
}

describe('beside copies whose analysis is out of date', () => {
  const outdated = { status: 'completed', analytics: OUTDATED } as const;
  /** The first ones are out of date. */
  const createWith = (count: number, more: Record<number, Partial<MediaRecord>> = {}) => {
    const language = key.slice(0, 8);
    key = contentKey(mediaRecord({ language }), SHA, analyst);
    const old = Object.fromEntries(range(count).map((n) => [n, outdated]));
    const all = Object.fromEntries(
      range(COPIES).map((n) => [n, { sha256: SHA, language, ...old[n], ...more[n] }]),
    );
    return create(all);
  };

  test.each(shortened([4, 1, 50], 1))(
    '(%i of them) at most one is analysed at a time',
    async (count) => {
      await createWith(count);
      expect(await claimAll(ids.slice(count))).toBeLessThanOrEqual(1);
    },
  );

  test.each(shortened([4, 1, 50], 1))(
    '(%i of them) the others wait for the one that is analysed',
    async (count) => {
      await createWith(count, { 99: { status: 'analyzing', lease: lease(9_000) } });
      expect(await claimAll(ids.slice(count, 99))).toBe(0);
    },
  );

  test('one that is up to date is found and copied', async () => {
    const updated_at = Timestamp.fromMillis(NOW + 1);
    await createWith(50, { 30: { status: 'completed', analytics: CURRENT, updated_at } });
    const { copies } = await readWithCopies(store.ref(ids[70] ?? ''), key, NOW, analyst);
    expect(copies.map(({ id }) => id)).toContain(ids[30]);
    // They are all copied, and nobody waits.
    expect(await claimAll(ids.slice(60, 64))).toBe(4);
  });
});

/** As the worker does it. */
const analyzer = {
  ...analyst,
  asking: () => analyzer,
  analyze: async () => ({ analytics: CURRENT, usage: { model: 'm' } }),
} as unknown as Analyzer;
const analyse = createAnalyzeMedia(
  {
    moments: NO_FEATURES,
    logger: { info: () => undefined },
    now: () => NOW,
  } as unknown as WorkerDeps,
  analyzer,
);

describe('after a change of the model, copies that have waited', () => {
  /** A language of its own keeps the media of each test apart. */
  let language: string;
  beforeEach(() => {
    language = key.slice(0, 8);
    key = contentKey(mediaRecord({ language }), SHA, { ...analyst, model: 'googleai/yesterday' });
  });
  const facts = { kind: 'image' } as MediaFacts;
  const createAll = () =>
    create(Object.fromEntries(range(COPIES).map((n) => [n, { sha256: SHA, language, facts }])));

  test('are analysed one at a time', async () => {
    await createAll();
    expect(await claimAll(ids)).toBeLessThanOrEqual(1);
  });

  test('find the one that was analysed since then', async () => {
    await createAll();
    const first = ids[99] ?? '';
    const options = { leaseMs: 60_000, maxDeliveries: 8, now: () => NOW, analyst };
    const task = { media_id: first, attempt: 1, content_key: key };
    const { lease } = await claim(store.ref(first), 'analyze', task, options);
    expect(await claimAll(ids.slice(0, 99))).toBe(0);
    if (!lease) throw new Error('not claimed');
    await analyse(lease, { signal: AbortSignal.any([]), deadline: NOW });
    const { copies } = await readWithCopies(store.ref(ids[3] ?? ''), key, NOW, analyst);
    expect(copies.map(({ id }) => id)).toEqual([first]);
  });
});

describe('a media that was only stored', () => {
  const stored = { analyze: false, wanted: [], sha256: SHA, content_key: null } as const;

  test('and was analysed later is found as a copy, and finds copies', async () => {
    const language = key.slice(0, 8);
    const analyzed = { analyze: true, wanted: ['describe'], status: 'pending' } as const;
    const facts = { kind: 'image' } as MediaFacts;
    await create({
      0: { ...stored, ...analyzed, language, facts },
      1: { ...stored, ...analyzed, language, facts },
    });
    const [first = '', second = ''] = ids;
    const options = { leaseMs: 60_000, maxDeliveries: 8, now: () => NOW, analyst };
    const claimed = (media_id: string) =>
      claim(store.ref(media_id), 'analyze', { media_id, attempt: 1 }, options);
    const { lease } = await claimed(first);
    if (!lease) throw new Error('not claimed');
    expect((await claimed(second)).decision).toMatchObject({ kind: 'wait', reason: 'copy' });
    await analyse(lease, { signal: AbortSignal.any([]), deadline: NOW });
    const later = await claimed(second);
    later.lease?.abandon();
    expect(later.lease?.copies.map(({ id }) => id)).toEqual([first]);
  });

  test('has another key for another model that is asked for', () => {
    const record = mediaRecord({ sha256: SHA, content_key: null });
    const keys = [undefined, 'googleai/other'].map((asked_model) =>
      presentKey({ ...record, ...(asked_model && { asked_model }) }, analyst),
    );
    expect(new Set(keys).size).toBe(2);
    expect(keys[1]).toBe(contentKey(record, SHA, { ...analyst, model: 'googleai/other' }));
  });
});
