import { Timestamp } from '@google-cloud/firestore';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type AnalysisResult, mediaSchema } from '@media-analysis/shared/media';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import { NO_FEATURES } from './moments.ts';
import { readOwnedPage } from './owned-media.ts';
import { type MediaRecord, nextPhase, taskOf } from './record.ts';
import { toMedia } from './view.ts';

const { db } = await openFirestore();
const { media: store } = openMedia(db, () => NOW + 5_000);
const list = (limit: number, token?: string) => readOwnedPage(db, owner, limit, token);

let owner: string;
let count = 0;
beforeEach(() => {
  owner = `owner-${++count}`;
});

async function create(patch: Partial<MediaRecord> = {}): Promise<string> {
  const id = store.newId();
  await store.ref(id).create(mediaRecord({ owner_id: owner, ...patch, id }));
  return id;
}
const stored = async (id: string) => (await store.ref(id).get()).data();

test('an owner sees a whole Media and no internal field', () => {
  const lease = { token: 'secret', expires_at: Timestamp.fromMillis(NOW) };
  const media = toMedia(mediaRecord({ lease, retry_at: Timestamp.fromMillis(NOW) }), NO_FEATURES);
  expect(mediaSchema.strict().parse(media)).toEqual(media);
  expect(media).toMatchObject({ retry_at: '2023-11-14T22:13:20.000Z', revision: 1 });
});

test('an owner sees that others of their media come first, or that bytes have not arrived', () => {
  const seen = (patch: Partial<MediaRecord>) => toMedia(mediaRecord(patch), NO_FEATURES).wait_code;
  expect(seen({ queue_state: 'waiting' })).toBe('no_place');
  expect(seen({ queue_state: 'announced' })).toBe('no_bytes');
  expect(seen({ queue_state: 'announced', status: 'uploading' })).toBeNull();
  expect(seen({ queue_state: 'queued' })).toBeNull();
  expect(seen({ queue_state: 'resting', wait_code: 'unavailable' })).toBe('unavailable');
});

test('a limit is told only as long as a media waits for it', () => {
  const wait_limit = { usd: 5, of: 'owner' } as const;
  const seen = (wait_code: MediaRecord['wait_code']) =>
    toMedia(mediaRecord({ wait_code, wait_limit }), NO_FEATURES).wait_limit;
  expect(seen('analysis_spend_cap')).toEqual(wait_limit);
  expect([seen('unavailable'), seen(null)]).toEqual([null, null]);
});

test('stored bytes are never stored again', () => {
  expect(nextPhase({ object: null })).toBe('upload');
  expect(nextPhase({ object: 'm1/original' })).toBe('analyze');
});

describe('new media', () => {
  const beside = () => db.collection('beside').doc();
  const made = () => range(2).map(() => mediaRecord({ id: store.newId(), owner_id: owner }));

  test('are created in one commit, together with what else the batch holds', async () => {
    const [records, other] = [made(), beside()];
    await store.create(records, store.batch().set(other, { a: 1 }));
    expect(
      await store.getMany(
        records.map(({ id }) => id),
        owner,
      ),
    ).toMatchObject(records);
    expect((await other.get()).exists).toBe(true);
  });

  test('are not created, nor is anything else of the batch, if one of the ids is taken', async () => {
    const [records, other] = [made(), beside()];
    const id = await create({ file_name: 'first.jpg' });
    const batch = store.batch().set(other, { a: 1 });
    await expect(store.create([...records, mediaRecord({ id })], batch)).rejects.toMatchObject({
      code: 6,
    });
    expect(
      await store.getMany(
        records.map((record) => record.id),
        owner,
      ),
    ).toEqual([]);
    expect((await other.get()).exists).toBe(false);
    expect(await stored(id)).toMatchObject({ file_name: 'first.jpg' });
  });
});

describe('one media', () => {
  test('can be read by its owner only', async () => {
    const id = await create();
    expect(await store.get(id, owner)).toMatchObject({ id, owner_id: owner });
  });

  test('of another owner looks like one that does not exist', async () => {
    const foreign = await create({ owner_id: 'somebody' });
    const errors = [foreign, 'nothing'].map(async (id) => {
      const error = await store.get(id, owner).catch((reason: unknown) => reason);
      return JSON.stringify(error).replaceAll(id, 'ID');
    });
    const [a, b] = await Promise.all(errors);
    expect(a).toContain('not_found');
    expect(a).toBe(b);
  });
});

test('of many ids only the owner’s media come back, in the order of the ids', async () => {
  const [a, b, foreign] = [await create(), await create(), await create({ owner_id: 'somebody' })];
  const records = await store.getMany([b, foreign, 'nothing', a], owner);
  expect(records.map(({ id }) => id)).toEqual([b, a]);
  expect(await store.getMany([], owner)).toEqual([]);
});

describe('the list of an owner', () => {
  const at = (ms: number) => ({ created_at: Timestamp.fromMillis(NOW + ms) });

  test('is newest first, page by page, each media once, also if several have the same time', async () => {
    const ids = [];
    for (const ms of [0, 1, 1, 1, 2]) ids.push(await create(at(ms)));
    await create({ ...at(3), owner_id: 'somebody' });
    const pages: string[][] = [];
    let token: string | undefined;
    do {
      const { records, nextPageToken } = await list(2, token);
      pages.push(records.map(({ id }) => id));
      token = nextPageToken;
    } while (token !== undefined);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    const listed = pages.flat();
    expect(listed.toSorted()).toEqual(ids.toSorted());
    expect([listed[0], listed[4]]).toEqual([ids[4], ids[0]]);
  });

  test('has no more pages if the last one is exactly full', async () => {
    await create();
    await create();
    expect((await list(2)).nextPageToken).toBeUndefined();
  });

  test.each([
    '',
    'x',
    '999999999999.0.a',
    '1.1',
    '-1.0.a',
    '1.1.a/b',
    '1.1.',
    '99999999999.9999999999.a',
  ])('takes no page token that it did not give: %j', async (text) => {
    const token = Buffer.from(text).toString('base64url');
    await expect(list(2, token)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('starts after any valid token', async () => {
    const token = Buffer.from('99999999999.0.a').toString('base64url');
    const id = await create();
    expect((await list(2, token)).records.map((record) => record.id)).toEqual([id]);
  });
});

describe('a retry', () => {
  const failed = {
    status: 'failed',
    progress: 0.5,
    error_code: 'analysis_timeout',
    error_message: 'm',
    deliveries: 8,
    revision: 9,
  } as const;

  test('makes a failed media pending, in its next attempt', async () => {
    const id = await create(failed);
    const record = await store.retry(id, owner);
    expect(record).toMatchObject({
      status: 'pending',
      progress: 0,
      attempts: 2,
      error_code: null,
      error_message: null,
      deliveries: 0,
      revision: 10,
    });
    expect(record.updated_at.toMillis()).toBe(NOW + 5_000);
    expect(await stored(id)).toEqual(record);
  });

  test('ten times at once is one attempt', async () => {
    const id = await create(failed);
    const retries = await Promise.allSettled(range(10).map(() => store.retry(id, owner)));
    expect(retries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await stored(id)).toMatchObject({ attempts: 2, revision: 10 });
  });

  test.each(['pending', 'uploading', 'analyzing', 'completed'] as const)(
    'of a media that is %s is refused',
    async (status) => {
      const id = await create({ status });
      await expect(store.retry(id, owner)).rejects.toMatchObject({ code: 'not_retryable' });
      expect(await stored(id)).toMatchObject({ status, attempts: 1 });
    },
  );

  test('that would fail the same way is refused', async () => {
    const id = await create({ ...failed, error_code: 'media_corrupt' });
    await expect(store.retry(id, owner)).rejects.toMatchObject({ code: 'not_retryable' });
  });

  const DAY = 24 * 3_600_000;
  const asked = { ...failed, error_code: 'analysis_too_costly', paid_calls: 8 } as const;

  test('of a media that the model was asked about too often is refused on that day', async () => {
    const id = await create(asked);
    await expect(store.retry(id, owner)).rejects.toMatchObject({
      code: 'not_retryable',
      message: expect.stringContaining('tomorrow'),
    });
    expect(await stored(id)).toMatchObject({ attempts: 1, paid_calls: 8 });
  });

  test('of such a media may ask as often again on a later day', async () => {
    const id = await create({ ...asked, updated_at: Timestamp.fromMillis(NOW - DAY) });
    expect(await store.retry(id, owner)).toMatchObject({ attempts: 2, paid_calls: 0 });
  });

  test('on the same day goes on counting, and on a later day begins anew', async () => {
    const unusable = { ...failed, error_code: 'analysis_invalid_output' } as const;
    const today = await create({ ...unusable, paid_calls: 5 });
    const counted = { paid_calls: 5, paid_calls_before: 5 };
    expect(await store.retry(today, owner)).toMatchObject(counted);
    const earlier = await create({
      ...unusable,
      paid_calls: 5,
      updated_at: Timestamp.fromMillis(NOW - DAY),
    });
    expect(await store.retry(earlier, owner)).toMatchObject({ paid_calls: 0 });
  });

  test('after calls that had no end counts anew: the model may be well again', async () => {
    const id = await create({ ...failed, error_code: 'analysis_timeout', paid_calls: 8 });
    expect(await store.retry(id, owner)).toMatchObject({ paid_calls: 0, paid_calls_before: 0 });
  });

  test('of a media that failed for a limit in dollars is allowed: the operator may have raised it', async () => {
    const id = await create({ ...asked, paid_calls: 0 });
    expect(await store.retry(id, owner)).toMatchObject({ status: 'pending', paid_calls: 0 });
  });

  test('after ten attempts is refused', async () => {
    const id = await create({ ...failed, attempts: 9 });
    expect(await store.retry(id, owner)).toMatchObject({ attempts: 10 });
    const tried = await create({ ...failed, attempts: 10 });
    await expect(store.retry(tried, owner)).rejects.toMatchObject({
      code: 'not_retryable',
      message: expect.stringContaining('tried 10 times'),
    });
  });

  test('is counted from the last answer on: who asks often has not failed often', async () => {
    const answered = { at: null, input: {}, language: 'en', usage: null, asked: null };
    const made = { receipt: { ...answered, attempt: 11 }, 'alt-text': { ...answered, attempt: 3 } };
    const id = await create({ ...failed, attempts: 12, made });
    expect(await store.retry(id, owner)).toMatchObject({ attempts: 13 });
    const tried = await create({ ...failed, attempts: 21, made });
    await expect(store.retry(tried, owner)).rejects.toMatchObject({ code: 'not_retryable' });
  });

  test('is the owner’s to ask for', async () => {
    const id = await create({ ...failed, owner_id: 'somebody' });
    await expect(store.retry(id, owner)).rejects.toMatchObject({ code: 'not_found' });
    expect(await stored(id)).toMatchObject({ status: 'failed' });
  });
});

describe('removing', () => {
  test('deletes the document, once, and returns it', async () => {
    const id = await create({ object: 'o' });
    expect(await store.remove(id, owner)).toMatchObject({ id, object: 'o' });
    expect(await stored(id)).toBeUndefined();
    await expect(store.remove(id, owner)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is the owner’s to ask for', async () => {
    const id = await create({ owner_id: 'somebody' });
    await expect(store.remove(id, owner)).rejects.toMatchObject({ code: 'not_found' });
    expect(await stored(id)).toBeDefined();
  });
});

describe('another analysis of a stored media', () => {
  const completed: Partial<MediaRecord> = {
    status: 'completed',
    object: 'o',
    attempts: 2,
    analytics: {} as MediaRecord['analytics'],
  };
  const ask = (id: string, name: string, input = {}) =>
    store.ask(id, owner, { name, input }, 'queued');
  const answered: AnalysisResult = {
    status: 'completed',
    input: {},
    output: { total_cents: 1 },
    model: 'm',
    version: 'v',
    usage: null,
    error_code: null,
    error_message: null,
    updated_at: '2026-11-26T00:00:00Z',
  };

  test('is an attempt of its own, and leaves what is there', async () => {
    const id = await create({ ...completed, analyses: { receipt: answered }, paid_calls: 7 });
    await ask(id, 'ask', { question: 'Why?' });
    expect(await stored(id)).toMatchObject({
      status: 'pending',
      progress: 0.5,
      attempts: 3,
      wanted: ['ask'],
      paid_calls: 0,
      analytics: {},
      queue_state: 'queued',
      revision: 2,
      analyses: {
        receipt: answered,
        ask: { status: 'pending', input: { question: 'Why?' }, output: null },
      },
    });
  });

  test('has the model and the tier that were asked for, which the next one does not have', async () => {
    const id = await create(completed);
    const wish = { model: 'googleai/other', tier: 'flex' } as const;
    const record = await store.ask(id, owner, { name: 'receipt', input: {}, ...wish }, 'queued');
    const asked = { asked_model: 'googleai/other', tier: 'flex' };
    expect(record).toMatchObject(asked);
    expect(taskOf(record)).toMatchObject({ tier: 'flex' });
    expect(await stored(id)).toMatchObject(asked);
    const failed = { status: 'failed', error_code: 'analysis_timeout' } as const;
    await store.ref(id).update(failed);
    const again = await store.retry(id, owner);
    expect(taskOf(again)).not.toHaveProperty('tier');
    expect(await stored(id)).not.toHaveProperty('tier');
    expect(await stored(id)).toMatchObject({ asked_model: 'googleai/other' });
    await store.ref(id).update({ status: 'completed' });
    expect(await ask(id, 'alt-text')).not.toHaveProperty('asked_model');
    expect(await stored(id)).not.toHaveProperty('asked_model');
  });

  test('may be one that was made before: its answer stays until there is a new one', async () => {
    const id = await create({ ...completed, analyses: { receipt: answered } });
    await ask(id, 'receipt');
    const { analyses } = (await stored(id)) as MediaRecord;
    expect(analyses?.receipt).toMatchObject({ status: 'pending', output: { total_cents: 1 } });
  });

  test('may be the description, also of a media that was only stored', async () => {
    const id = await create({ status: 'completed', object: 'o', analyze: false, wanted: [] });
    await ask(id, 'describe');
    expect(await stored(id)).toMatchObject({ wanted: ['describe'], analyze: true });
    expect(await stored(id)).not.toHaveProperty('analyses');
  });

  test('keeps in mind why the description failed', async () => {
    const error = { error_code: 'analysis_blocked', error_message: 'No.' } as const;
    const id = await create({ status: 'failed', object: 'o', ...error });
    await ask(id, 'receipt');
    const failure = { code: 'analysis_blocked', message: 'No.' };
    expect(await stored(id)).toMatchObject({ failure, error_code: null });
  });

  test('is refused on the day on which as many calls were paid for as may be', async () => {
    const today = { updated_at: Timestamp.fromMillis(NOW) };
    const used = { ...answered, status: 'failed', error_code: 'analysis_too_costly' } as const;
    const patch = { ...completed, ...today, analyses: { receipt: used }, paid_calls: 8 };
    const id = await create(patch);
    await expect(ask(id, 'receipt')).rejects.toMatchObject({ code: 'not_retryable' });
    await ask(id, 'alt-text');
    const yesterday = { updated_at: Timestamp.fromMillis(NOW - 86_400_000) };
    await ask(await create({ ...patch, ...yesterday }), 'receipt');
  });

  test.each([
    ['still worked on', { status: 'analyzing', object: 'o' }],
    ['never stored', { status: 'failed', object: null }],
  ] as const)('is refused while it is %s', async (_what, patch) => {
    const id = await create(patch);
    await expect(ask(id, 'receipt')).rejects.toMatchObject({ code: 'not_ready' });
    expect(await stored(id)).toMatchObject(patch);
  });

  test('is refused to a stranger, as if there were no such media', async () => {
    const id = await create(completed);
    const asked = store.ask(id, 'stranger', { name: 'receipt', input: {} }, 'queued');
    await expect(asked).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a retry', () => {
  const failed = { status: 'failed', error_code: 'analysis_timeout', error_message: 'x' } as const;

  test('makes all that has no answer, and nothing twice', async () => {
    const pending = { status: 'failed' } as NonNullable<MediaRecord['analyses']>[string];
    const made = { status: 'completed' } as typeof pending;
    const analyses = { ask: made, receipt: pending };
    const id = await create({ ...failed, object: 'o', wanted: [], analyses });
    await store.retry(id, owner);
    expect(await stored(id)).toMatchObject({ wanted: ['describe', 'receipt'], failure: null });
  });

  test('makes what was asked for if nothing was stored', async () => {
    const id = await create({ ...failed, wanted: ['receipt'] });
    await store.retry(id, owner);
    expect(await stored(id)).toMatchObject({ wanted: ['receipt'] });
  });
});
