/** What the listener of a stream keeps in memory, and that it goes on all the same. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  type CollectionReference,
  Query,
  type QuerySnapshot,
  Timestamp,
} from '@google-cloud/firestore';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { MediaRecord } from '../../../functions/core/media/record.ts';
import type { ListenSnapshot } from '../../../functions/core/stream/hub.ts';
import { createListener, listenTo } from '../../../functions/core/stream/listen.ts';
import { openFirestore } from '../../support/firestore.ts';
import { mediaRecord } from '../../support/media.ts';

const { collection } = await openFirestore();
afterEach(() => void jest.restoreAllMocks());

/** All snapshots that the client hands out, before anything is done with them. */
function watchClient(): QuerySnapshot[] {
  const seen: QuerySnapshot[] = [];
  const { onSnapshot } = Query.prototype;
  jest.spyOn(Query.prototype, 'onSnapshot').mockImplementation(function (this: Query, next, error) {
    return onSnapshot.call(
      this,
      (snapshot) => {
        seen.push(snapshot);
        next(snapshot);
      },
      error,
    );
  });
  return seen;
}

const revisionsOf = (snapshot: QuerySnapshot | undefined) =>
  snapshot?.docs.map((doc) => [doc.id, doc.get('revision')]);

function writeTo(media: CollectionReference) {
  return (id: string, revision: number) =>
    media.doc(id).set(mediaRecord({ id, owner_id: 'alice', revision }));
}

test('the client keeps no document, and every change is told whole', async () => {
  const ofClient = watchClient();
  const media = collection();
  const write = writeTo(media);
  await Promise.all([write('m1', 1), write('m2', 1)]);
  const told: string[] = [];
  const passedOn: ListenSnapshot[] = [];
  const stop = createListener(media)(
    'alice',
    ['m1', 'm2'],
    (snapshot) => {
      for (const { type, doc } of snapshot.docChanges()) {
        const { revision, file_name } = doc.data() as MediaRecord;
        told.push(`${type} ${doc.id} ${revision} ${file_name}`);
      }
      passedOn.push(snapshot);
    },
    (error) => told.push(`${error}`),
  );
  const heard = (count: number) => until(() => told.length === count);
  await heard(2);
  await write('m2', 2);
  await heard(3);
  // The memory is free: of what the client keeps, also of m1, which has not changed.
  expect(revisionsOf(ofClient.at(-1))).toEqual([
    ['m1', undefined],
    ['m2', undefined],
  ]);
  // And nobody can take an empty document for a real one: those that have not changed are passed on without contents.
  expect(passedOn.at(-1)?.docs).toEqual([{ id: 'm1' }, { id: 'm2' }]);
  await media.doc('m1').delete();
  await heard(4);
  stop();
  expect(told.toSorted()).toEqual([
    'added m1 1 m1.jpg',
    'added m2 1 m2.jpg',
    'modified m2 2 m2.jpg',
    'removed m1 undefined undefined',
  ]);
  expect(passedOn.at(-1)?.docs).toEqual([{ id: 'm2' }]);
});

test('of a query by time the client keeps the time alone, by which it compares documents', async () => {
  const ofClient = watchClient();
  const media = collection();
  const at = (ms: number) => Timestamp.fromMillis(ms);
  const write = (id: string, ms: number) =>
    media.doc(id).set(mediaRecord({ id, owner_id: 'alice', updated_at: at(ms) }));
  await Promise.all([write('m1', 1), write('m2', 2), write('m3', 3)]);
  const told: string[] = [];
  const stop = listenTo(
    media.where('updated_at', '>=', at(1)).orderBy('updated_at'),
    (snapshot) => {
      for (const { type, doc } of snapshot.docChanges()) told.push(`${type} ${doc.id}`);
    },
    (error) => told.push(`${error}`),
    'updated_at',
  );
  const heard = (count: number) => until(() => told.length === count);
  await heard(3);
  await write('m2', 4);
  await heard(4);
  await media.doc('m3').delete();
  await heard(5);
  await write('m1', 5);
  await heard(6);
  stop();
  expect(told.slice(3)).toEqual(['modified m2', 'removed m3', 'modified m1']);
  expect(ofClient.at(-1)?.docs.map((doc) => [doc.id, doc.data()])).toEqual([
    ['m2', { updated_at: at(4) }],
    ['m1', { updated_at: at(5) }],
  ]);
});

// If this fails, the client has stopped to keep what it listens to: remove `dropFields` in `functions/core/stream/listen.ts`.
test('still needed: the client keeps the fields of a document that has not changed', async () => {
  const ofClient = watchClient();
  const media = collection();
  const write = writeTo(media);
  await Promise.all([write('m1', 1), write('m2', 1)]);
  const stop = media.where('owner_id', '==', 'alice').onSnapshot(() => undefined);
  await until(() => ofClient.at(-1)?.size === 2);
  await write('m2', 2);
  await until(() => ofClient.length > 1);
  stop();
  expect(revisionsOf(ofClient.at(-1))).toEqual([
    ['m1', 1],
    ['m2', 2],
  ]);
});

test('the client is the exact version that this was tried with', () => {
  const read = (path: string | URL) => JSON.parse(readFileSync(path, 'utf8'));
  const wanted = read(new URL('../../../functions/package.json', import.meta.url)).dependencies;
  const installed = read(
    createRequire(import.meta.url).resolve('@google-cloud/firestore/package.json'),
  );
  expect(wanted['@google-cloud/firestore']).toBe(installed.version);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
