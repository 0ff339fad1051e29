/** What the listener of a stream keeps in memory, and that it goes on all the same. */
import type { QuerySnapshot } from '@google-cloud/firestore';
import { expect, test } from '@jest/globals';
import type { MediaRecord } from '../../../functions/media/record.ts';
import { createListener } from '../../../functions/stream/listen.ts';
import { openFirestore } from '../../support/firestore.ts';
import { mediaRecord } from '../../support/media.ts';

const { collection } = await openFirestore();

test('the client keeps no document, and every change is told whole', async () => {
  const media = collection();
  const write = (id: string, revision: number) =>
    media.doc(id).set(mediaRecord({ id, owner_id: 'alice', revision }));
  await Promise.all([write('m1', 1), write('m2', 1)]);
  const told: string[] = [];
  let kept: Pick<QuerySnapshot, 'docs'> = { docs: [] };
  const stop = createListener(media)(
    'alice',
    ['m1', 'm2'],
    (snapshot) => {
      for (const { type, doc } of snapshot.docChanges()) {
        const { revision, file_name } = doc.data() as MediaRecord;
        told.push(`${type} ${doc.id} ${revision} ${file_name}`);
      }
      kept = snapshot;
    },
    (error) => told.push(`${error}`),
  );
  const heard = (count: number) => until(() => told.length === count);
  await heard(2);
  await write('m2', 2);
  await heard(3);
  await media.doc('m1').delete();
  await heard(4);
  stop();
  expect(told.toSorted()).toEqual([
    'added m1 1 m1.jpg',
    'added m2 1 m2.jpg',
    'modified m2 2 m2.jpg',
    'removed m1 undefined undefined',
  ]);
  expect(kept.docs.map((doc) => [doc.id, doc.data()])).toEqual([['m2', {}]]);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
