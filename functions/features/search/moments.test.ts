/** When a media is found by what a delivery has written. */
import { expect, test } from '@jest/globals';
import { openFirestore } from '../../../test/support/firestore.ts';
import { analyticsOf } from '../../../test/support/library.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { Moments } from '../../core/media/moments.ts';
import { taskOf } from '../../core/media/record.ts';
import { claim } from '../../core/work/claim.ts';
import { EMBEDDER } from './meaning.ts';
import { searchMoments } from './moments.ts';

const { db } = await openFirestore();

test('a media is found by its description from the write of the description on', async () => {
  const stored = { status: 'uploading', object: 'o', staging_object: null } as const;
  const record = mediaRecord({ ...stored, file_name: 'lake.jpg' });
  const ref = db.doc('media/m1');
  await ref.create(record);
  const options = { leaseMs: 30_000, maxDeliveries: 8, moments: new Moments([searchMoments]) };
  const { lease } = await claim(ref, 'analyze', taskOf(record), options);
  // A claim changes nothing by which a media is found.
  expect((await ref.get()).data()).not.toHaveProperty('search');
  await lease?.release({ status: 'completed', analytics: analyticsOf({ title: 'Dogs' }) });
  const written = (await ref.get()).data();
  expect(written).toMatchObject({ revision: 3, search: { kind: 'image' }, meaning_by: EMBEDDER });
  expect(written?.search.terms).toEqual(expect.arrayContaining(['dog', 'lake']));
});
