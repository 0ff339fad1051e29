import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openFirestore } from '../../test/support/firestore.ts';
import { analyticsOf } from '../../test/support/library.ts';
import { mediaRecord } from '../../test/support/media.ts';
import { afterSuccess } from './attempt.ts';
import { editsAfter } from './edits.ts';
import { Lease } from './lease.ts';
import type { MediaRecord } from './record.ts';
import { MediaStore } from './store.ts';

const { db } = await openFirestore();
const store = new MediaStore(db);

test.each([
  [undefined, { title: 'a' }, { title: 'a' }],
  [{ title: 'a' }, { tags: [] }, { title: 'a', tags: [] }],
  [{ title: 'a', tags: ['b'] }, { title: null }, { tags: ['b'] }],
  [{ title: 'a' }, { title: null }, undefined],
  [undefined, { tags: null }, undefined],
])('%j and then %j: %j', (before, change, after) => {
  expect(editsAfter(before, change)).toEqual(after);
});

test('words that come during an analysis are found after it, and the model’s are kept beside them', async () => {
  const busy = { status: 'analyzing', object: 'o', staging_object: null } as const;
  const record = mediaRecord({ ...busy, id: store.newId(), owner_id: randomUUID() });
  const ref = store.ref(record.id);
  await ref.create(record);
  const { updateTime } = await ref.get();
  if (!updateTime) throw new Error('It was not written.');
  const time = { leaseMs: 60_000, budgetMs: 60_000, now: Date.now };
  const lease = new Lease(ref, record, updateTime, { token: 'abcdef', ...time, copies: [] });
  await lease.take('analyze');
  await store.edit(record.id, record.owner_id, { title: 'Zeppelin' });
  const analytics = analyticsOf({ title: 'A cloud', summary: 'It is blue.', tags: ['sky'] });
  await lease.release(afterSuccess(lease.record, { analytics }).patch);
  const after: MediaRecord = await store.get(record.id, record.owner_id);
  expect(after).toMatchObject({ status: 'completed', edits: { title: 'Zeppelin' }, analytics });
  expect(after.search?.terms).toEqual(expect.arrayContaining(['zeppelin', 'sky']));
  expect(after.search?.terms).not.toContain('cloud');
});
