import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { EditMedia } from '@media-analysis/shared/edits';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore } from '../../../test/support/firestore.ts';
import { analyticsOf } from '../../../test/support/library.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import { afterSuccess } from '../../core/work/attempt.ts';
import { Lease } from '../../core/work/lease.ts';
import { editsAfter } from './edits.ts';

const { db } = await openFirestore();
const { media: store, moments } = openMedia(db);
const edit = (id: string, owner: string, wanted: EditMedia) =>
  store.change(id, owner, ({ edits }) => ({ edits: editsAfter(edits, wanted) }));

test.each([
  [undefined, { title: 'a' }, { title: 'a' }],
  [{ title: 'a' }, { tags: [] }, { title: 'a', tags: [] }],
  [{ title: 'a', tags: ['b'] }, { title: null }, { tags: ['b'] }],
  [{ title: 'a' }, { title: null }, undefined],
  [{ summary: 'a', tags: [] }, { summary: 'b' }, { summary: 'b', tags: [] }],
  [{ summary: 'a' }, { summary: null }, undefined],
  [undefined, { tags: null }, undefined],
])('%j and then %j: %j', (before, change, after) => {
  expect(editsAfter(before, change)).toEqual(after);
});

/** A media whose analysis is running, and a function that ends it. */
async function analysing(fields: Partial<MediaRecord> = {}) {
  const busy = { status: 'analyzing', object: 'o', staging_object: null, ...fields } as const;
  const record = mediaRecord({ ...busy, id: store.newId(), owner_id: randomUUID() });
  const ref = store.ref(record.id);
  await ref.create(record);
  const { updateTime } = await ref.get();
  if (!updateTime) throw new Error('It was not written.');
  const time = { leaseMs: 60_000, budgetMs: 60_000, now: Date.now };
  const lease = new Lease(ref, record, updateTime, {
    token: 'abcdef',
    ...time,
    copies: [],
    moments,
  });
  await lease.take('analyze');
  const analytics = analyticsOf({ title: 'A cloud', summary: 'It is blue.', tags: ['sky'] });
  return {
    record,
    analytics,
    end: () => lease.release(afterSuccess(lease.record, { analytics }).patch),
    after: (): Promise<MediaRecord> => store.get(record.id, record.owner_id),
  };
}

test('words that come during an analysis are found after it, and the model’s are kept beside them', async () => {
  const { record, analytics, end, after } = await analysing();
  await edit(record.id, record.owner_id, { title: 'Zeppelin' });
  await end();
  const media = await after();
  expect(media).toMatchObject({ status: 'completed', edits: { title: 'Zeppelin' }, analytics });
  expect(media.search?.terms).toEqual(expect.arrayContaining(['zeppelin', 'sky']));
  expect(media.search?.terms).not.toContain('cloud');
});

test('words that are taken back during an analysis are not found after it', async () => {
  const { record, end, after } = await analysing({ edits: { title: 'Zeppelin' } });
  await edit(record.id, record.owner_id, { title: null });
  await end();
  const media = await after();
  expect(media.edits).toBeUndefined();
  expect(media.search?.terms).toEqual(expect.arrayContaining(['cloud', 'sky']));
  expect(media.search?.terms).not.toContain('zeppelin');
});
