import { randomUUID } from 'node:crypto';
import { Timestamp } from '@google-cloud/firestore';
import { beforeEach, expect, test } from '@jest/globals';
import { openFirestore } from '../../../test/support/firestore.ts';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import { type MediaRecord, recordOf, SCHEMA_VERSION } from '../../core/media/record.ts';
import { MediaStore } from '../../core/media/store.ts';
import { Lease } from '../../core/work/lease.ts';
import { ModerationStore } from './store.ts';
import { withheldOf } from './withheld.ts';

const { db } = await openFirestore();
const media = new MediaStore(db);
const moderation = new ModerationStore(db, () => NOW);

let sha256: string;
let owner_id: string;
beforeEach(() => {
  sha256 = randomUUID();
  owner_id = randomUUID();
});

async function create(count: number, change: Partial<MediaRecord> = {}): Promise<MediaRecord[]> {
  const records = Array.from({ length: count }, () =>
    mediaRecord({ id: media.newId(), owner_id, sha256, status: 'completed', ...change }),
  );
  await media.create(records, media.batch());
  return records;
}

const read = async ({ id }: MediaRecord) => recordOf(await media.ref(id).get()) as MediaRecord;
const heldNow = async (records: MediaRecord[]) =>
  Promise.all(records.map(async (record) => withheldOf(await read(record), 'hold')));

const lease = { token: 'abcdef', expires_at: Timestamp.fromMillis(NOW + 60_000) };

test('ten copies that are judged at once, one of them as unsafe, are all held back', async () => {
  const records = await create(10);
  await Promise.all(records.map((each, n) => moderation.judge(each, n === 4 ? 'unsafe' : 'safe')));
  expect(await heldNow(records)).toEqual(Array(10).fill('unsafe'));
});

test('one that comes later knows what earlier ones know, although its own analysis finds nothing', async () => {
  const [earlier] = (await create(1)) as [MediaRecord];
  await moderation.judge(earlier, 'unsafe');
  const [later] = (await create(1)) as [MediaRecord];
  await moderation.judge(later, 'safe');
  expect(await heldNow([later])).toEqual(['unsafe']);
});

test('a description from a time without moderation counts for the first copy that is judged', async () => {
  const analytics = { safety: { verdict: 'unsafe', categories: [] } };
  const before = { analytics: analytics as unknown as MediaRecord['analytics'] };
  const records = [...(await create(1, before)), ...(await create(2))];
  await moderation.judge(records[1] as MediaRecord, 'safe');
  expect(await heldNow(records)).toEqual(['unsafe', 'unsafe', 'unsafe']);
});

test('one that turns out to be unsafe later is told to copies with a description from a time without moderation', async () => {
  const analytics = { safety: { verdict: 'safe', categories: [] } };
  const before = { analytics: analytics as unknown as MediaRecord['analytics'] };
  const records = [...(await create(1)), ...(await create(1, before))];
  await moderation.judge(records[0] as MediaRecord, 'safe');
  await moderation.judge(records[0] as MediaRecord, 'unsafe');
  expect(await heldNow(records)).toEqual(['unsafe', 'unsafe']);
});

test('one that was not judged stays so, until an operator decides about a copy', async () => {
  const records = await create(2);
  await moderation.judge(records[0] as MediaRecord, 'safe');
  expect(await heldNow(records)).toEqual([undefined, 'unchecked']);
  expect(await moderation.decide(records[0]?.id ?? '', 'rejected', 'kim')).toBe(2);
  expect(await heldNow(records)).toEqual(['rejected', 'rejected']);
});

test('the holder of a lease loses neither its lease nor its result, and keeps what it was told', async () => {
  const [record] = (await create(1, { status: 'analyzing', lease })) as [MediaRecord];
  const snapshot = await media.ref(record.id).get();
  const held = new Lease(media.ref(record.id), record, snapshot.updateTime as Timestamp, {
    token: 'abcdef',
    leaseMs: 60_000,
    budgetMs: 60_000,
    now: () => NOW,
    copies: [],
  });
  const before = await read(record);
  await moderation.judge(record, 'unsafe');
  expect((await read(record)).revision).toBe(before.revision);
  await held.release({ status: 'completed', progress: 1 });
  const after = await read(record);
  expect(after).toMatchObject({ status: 'completed', lease: null, revision: before.revision + 1 });
  expect(withheldOf(after, 'hold')).toBe('unsafe');
});

test('a change is a new revision, so that an open page shows it; the same again is none', async () => {
  const [record] = (await create(1)) as [MediaRecord];
  await moderation.judge(record, 'safe');
  await moderation.judge(record, 'safe');
  expect((await read(record)).revision).toBe(record.revision + 1);
});

test('what a later release has written is left alone by a decision', async () => {
  const [record, newer] = [
    await create(1),
    await create(1, { schema_version: SCHEMA_VERSION + 1 }),
  ];
  await moderation.decide(record[0]?.id ?? '', 'approved', 'kim');
  expect(await heldNow([...record, ...newer])).toEqual([undefined, 'unchecked']);
});

test('the last decision counts, also if the clock of the operator before was ahead', async () => {
  const [record] = (await create(1)) as [MediaRecord];
  const ahead = new ModerationStore(db, () => NOW + 3_600_000);
  await ahead.decide(record.id, 'approved', 'kim');
  await moderation.decide(record.id, 'rejected', 'lee');
  expect(await heldNow([record])).toEqual(['rejected']);
  await moderation.decide(record.id, 'approved', 'lee');
  expect(await heldNow([record])).toEqual([undefined]);
});

test('one that is not stored cannot be decided about', async () => {
  const [record] = (await create(1, { sha256: null, status: 'pending' })) as [MediaRecord];
  await expect(moderation.decide(record.id, 'approved', 'kim')).rejects.toMatchObject({
    code: 'not_ready',
  });
});

test('one that is deleted meanwhile is not made again', async () => {
  const [record] = (await create(1)) as [MediaRecord];
  await media.ref(record.id).delete();
  await moderation.judge(record, 'unsafe');
  expect((await media.ref(record.id).get()).exists).toBe(false);
});
