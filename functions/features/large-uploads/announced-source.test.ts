import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { openTestStorage, type TestStorage } from '../../../test/support/storage.ts';
import { AcceptanceStore } from '../../core/accept/acceptances.ts';
import { DailyUploads } from '../../core/accept/daily-uploads.ts';
import { Moments, type NewFiles } from '../../core/media/moments.ts';
import { Places } from '../../core/media/places.ts';
import { MEDIA_COLLECTION } from '../../core/media/record.ts';
import type { TaskQueue } from '../../core/media/task-queue.ts';
import { createLogger } from '../../process/log.ts';
import { ObjectStore } from '../../storage/objects.ts';
import { type AnnouncedDeps, createUploads } from './announced-source.ts';
import { AnnouncementLimit } from './announcement-limit.ts';
import { type ConfirmDeps, confirmUpload } from './confirm-upload.ts';

const MAX_ANNOUNCED = 5;
const ORIGIN = 'https://app.test';

const { db } = await openFirestore();
const { media, moments } = openMedia(db);

let storage: TestStorage;
let deps: AnnouncedDeps & ConfirmDeps;
let owner: string;
let isQueueDown: boolean;

beforeAll(async () => {
  storage = await openTestStorage();
});
afterAll(() => storage.close());
beforeEach(async () => {
  owner = randomUUID();
  isQueueDown = false;
  const { name } = await storage.createBucket();
  const enqueue = async () => {
    if (isQueueDown) throw new Error('UNAVAILABLE');
    return true;
  };
  const queue = { enqueue } as unknown as TaskQueue;
  const logger = createLogger('test', 'silent');
  deps = {
    media,
    moments,
    objects: new ObjectStore(storage.client, { STAGING_BUCKET: name, MEDIA_BUCKET: name }),
    acceptances: new AcceptanceStore(db),
    places: new Places({ firestore: db, queue, logger, max: 10 }),
    announcements: new AnnouncementLimit(db, MAX_ANNOUNCED),
    limits: { files: 5 },
    maxUploadBytes: 1_000,
    dailyUploads: new DailyUploads(db, { bytes: 1_000, files: 10 }),
    model: 'local/vision',
    logger,
    now: Date.now,
  };
});

async function announce(size: number, idempotencyKey?: string) {
  const file = { file_name: 'a.mov', content_type: 'video/quicktime', size };
  const announcement = { files: [file], analyze: true, language: 'en' };
  const request = { ownerId: owner, announcement, origin: ORIGIN, idempotencyKey };
  return (await createUploads(request, deps)).answer;
}

const recorded = async () =>
  (await db.collection(MEDIA_COLLECTION).where('owner_id', '==', owner).get()).size;

describe('the uploads of a day', () => {
  test('are charged when they are announced, once for each key', async () => {
    await announce(400, 'key');
    await announce(400, 'key');
    expect(await deps.dailyUploads.remaining(owner)).toEqual({ bytes: 600, files: 8 });
  });

  test('are not exceeded by requests side by side', async () => {
    await announce(100);
    const outcomes = await Promise.allSettled([300, 300, 300, 300].map((size) => announce(size)));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'rate_limited' } }]);
    expect(await recorded()).toBe(4);
    expect(await deps.dailyUploads.remaining(owner)).toMatchObject({ bytes: 0 });
  });
});

test('no session is opened beyond the limit of a day, also not again and again for one request', async () => {
  let sessions = 0;
  const { objects } = deps;
  const open = objects.openSession.bind(objects);
  objects.openSession = (...args) => {
    sessions++;
    return open(...args);
  };
  await announce(900);
  await expect(announce(900)).rejects.toMatchObject({ code: 'rate_limited' });
  expect(sessions).toBe(1);
  // The first one creates the media, and nine more sessions were left for today.
  for (let n = 0; n < 9; n++) await announce(10, 'key');
  await expect(announce(10, 'key')).rejects.toMatchObject({ code: 'rate_limited' });
  expect(sessions).toBe(10);
});

test('announcements side by side with one key make one media, and each gets an address for its bytes', async () => {
  const answers = await Promise.all([1, 2, 3, 4].map(() => announce(10, 'key')));
  const uploads = answers.map((answer) => answer.uploads[0]);
  expect(new Set(uploads.map((upload) => upload?.media_id)).size).toBe(1);
  for (const upload of uploads) expect(upload?.upload_url).toMatch(/^http/);
  expect(await recorded()).toBe(1);
  expect(await deps.dailyUploads.remaining(owner)).toMatchObject({ bytes: 990 });
});

test('announcements that are for ever in each other’s way are to come later, one by one', async () => {
  const aborted = Object.assign(new Error('ABORTED'), { code: 10 });
  const busy = {
    ...db,
    collection: db.collection.bind(db),
    runTransaction: () => Promise.reject(aborted),
  };
  deps.dailyUploads = new DailyUploads(busy as never, { bytes: 1_000, files: 10 });
  await expect(announce(1)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 1_000 });
});

test('more announced files than the limit are refused, also by requests side by side, until some have arrived', async () => {
  const outcomes = await Promise.allSettled(range(MAX_ANNOUNCED + 3).map(() => announceLater(1)));
  const made = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(made).toHaveLength(MAX_ANNOUNCED);
  await expect(announce(1)).rejects.toMatchObject({
    code: 'rate_limited',
    message: expect.stringContaining('have not arrived'),
  });
  const [upload] = made[0]?.uploads ?? [];
  await fetch(upload?.upload_url ?? '', { method: 'PUT', body: 'a' });
  await confirmUpload(upload?.media_id ?? '', owner, deps);
  expect((await announce(1)).uploads).toHaveLength(1);
});

/** Announces again after `rate_limited`, as a sender does. */
async function announceLater(size: number) {
  for (;;) {
    try {
      return await announce(size);
    } catch (error) {
      if (!String(error).includes('at the same time')) throw error;
    }
  }
}

test('a feature writes into what is announced, and may refuse it: then nothing is left and nothing is charged', async () => {
  const sizes: number[] = [];
  const accepting = ({ fields: { files } }: NewFiles) => {
    const [{ size }] = files as [{ size: number }];
    const change = () => {
      sizes.push(size);
      if (size === 13) throw new AppError('invalid_request', 'Not this one.');
      return { same_as: 'told' };
    };
    return { fingerprint: [], change };
  };
  deps.moments = new Moments([{ name: 'test', accepting }]);
  const before = await deps.dailyUploads.remaining(owner);
  await expect(announce(13, randomUUID())).rejects.toMatchObject({ message: 'Not this one.' });
  expect(await recorded()).toBe(0);
  expect(await deps.dailyUploads.remaining(owner)).toEqual(before);
  const key = randomUUID();
  const { uploads } = await announce(14, key);
  const [record] = await media.getMany([uploads[0]?.media_id ?? ''], owner);
  expect(record).toMatchObject({ same_as: 'told' });
  // What was accepted once is not refused when it is repeated.
  expect((await announce(14, key)).uploads).toMatchObject([{ media_id: record?.id }]);
  expect(sizes).toEqual([13, 14]);
});

test('a session that cannot be opened leaves no media waiting for it', async () => {
  deps.objects = new ObjectStore(storage.client, { STAGING_BUCKET: 'none', MEDIA_BUCKET: 'none' });
  await expect(announce(10)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await recorded()).toBe(0);
  expect(await deps.dailyUploads.remaining(owner)).toMatchObject({ bytes: 1_000 });
});

test('bytes that are given back after midnight make no day larger', async () => {
  const midnight = Date.UTC(2026, 5, 1);
  let now = midnight - 1;
  const dailyUploads = new DailyUploads(db, { bytes: 1_000, files: 10 }, () => now);
  const openSession = async () => {
    now = midnight;
    throw new Error('UNAVAILABLE');
  };
  deps = { ...deps, dailyUploads, objects: { openSession } as unknown as ObjectStore };
  await expect(announce(900)).rejects.toMatchObject({ code: 'unavailable' });
  expect((await dailyUploads.remaining(owner)).bytes).toBe(1_000);
  now = midnight - 1;
  expect((await dailyUploads.remaining(owner)).bytes).toBe(1_000);
});

test('a session takes bytes from the page that asked for it, and from no other', async () => {
  const { uploads } = await announce(3);
  const url = uploads[0]?.upload_url ?? '';
  const preflight = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'PUT' };
    const { headers: answer } = await fetch(url, { method: 'OPTIONS', headers });
    return answer.get('access-control-allow-origin');
  };
  expect(await preflight(ORIGIN)).toBe(ORIGIN);
  expect(await preflight('https://evil.test')).toBeNull();
});

test('what has arrived is accepted though the queue cannot be reached: the sweeper sees to it', async () => {
  const { uploads } = await announce(3);
  await fetch(uploads[0]?.upload_url ?? '', { method: 'PUT', body: 'abc' });
  isQueueDown = true;
  const record = await confirmUpload(uploads[0]?.media_id ?? '', owner, deps);
  expect(record).toMatchObject({ status: 'pending', queue_state: 'queued' });
});
