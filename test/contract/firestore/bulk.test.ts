import type { BulkWriterError, CollectionReference, Query } from '@google-cloud/firestore';
import { describe, expect, jest, test } from '@jest/globals';
import {
  codeOf,
  emulatorDiffers,
  GrpcStatus,
  idsOf,
  openFirestore,
  range,
} from '../../support/firestore.ts';

const { db, connect, collection, fill } = await openFirestore();
const PARTITION_QUERY =
  'https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.documents/partitionQuery';
const unthrottled = () => db.bulkWriter({ throttling: false });

describe('BulkWriter', () => {
  test('writes a thousand documents, each acknowledged with its own time', async () => {
    const target = collection();
    const writer = unthrottled();
    const results = range(1_000).map((n) => writer.create(target.doc(`d${n}`), { n }));
    await writer.close();
    const acknowledged = (await Promise.all(results)).map(({ writeTime }) => writeTime);
    const stored = await target.get();
    const times = new Map(stored.docs.map((doc) => [doc.get('n'), doc.updateTime]));
    expect(range(1_000).map((n) => times.get(n))).toEqual(acknowledged);
  });

  test('one failing write does not take the others with it', async () => {
    const target = await fill({ taken: { n: 0 }, gone: { n: 0 } });
    const writer = unthrottled();
    const outcomes = [
      writer.create(target.doc('new'), { n: 1 }),
      writer.create(target.doc('taken'), { n: 1 }),
      writer.update(target.doc('missing'), { n: 1 }),
      writer.delete(target.doc('gone')),
      writer.set(target.doc('other'), { n: 1 }),
    ].map(codeOf);
    await writer.close();
    expect(await Promise.all(outcomes)).toEqual([
      'succeeded',
      GrpcStatus.ALREADY_EXISTS,
      GrpcStatus.NOT_FOUND,
      'succeeded',
      'succeeded',
    ]);
    const stored = await target.get();
    expect(stored.docs.map((doc) => [doc.id, doc.get('n')])).toEqual([
      ['new', 1],
      ['other', 1],
      ['taken', 0],
    ]);
  });

  test('tries again as long as onWriteError says so', async () => {
    const target = collection();
    const writer = unthrottled();
    const attempts: number[] = [];
    let repaired: Promise<unknown> = Promise.resolve();
    writer.onWriteError((error: BulkWriterError) => {
      attempts.push(error.failedAttempts);
      if (error.failedAttempts === 1) repaired = target.doc('late').set({ n: 0 });
      return error.documentRef.id === 'late' && error.code === GrpcStatus.NOT_FOUND;
    });
    const late = writer.update(target.doc('late'), { n: 1 });
    await writer.close();
    await Promise.all([late, repaired]);
    expect(attempts).toEqual([1]);
    expect((await target.doc('late').get()).get('n')).toBe(1);
  });

  test('keeps the order of writes to one document', async () => {
    const ref = collection().doc();
    const writer = unthrottled();
    const results = [
      writer.create(ref, { n: 0 }),
      ...range(5).map((n) => writer.update(ref, { n: n + 1 })),
    ];
    const settled = Promise.allSettled(results);
    await writer.close();
    const isUnordered = emulatorDiffers(
      'works at several batches of one client at once',
      'https://cloud.google.com/nodejs/docs/reference/firestore/latest/firestore/bulkwriter: "writes to the same document will be executed sequentially"',
    );
    // An update may come before what creates the document.
    if (isUnordered) return expect(await settled).toHaveLength(6);
    const times = (await Promise.all(results)).map((result) => result.writeTime.valueOf());
    expect(times).toEqual(times.toSorted());
    expect((await ref.get()).get('n')).toBe(5);
  });

  test('flush waits for what was written before it', async () => {
    const target = collection();
    const writer = unthrottled();
    const done: string[] = [];
    writer.onWriteResult((ref) => done.push(ref.id));
    const results = [writer.set(target.doc('a'), {}), writer.set(target.doc('b'), {})];
    await writer.flush();
    expect(done.toSorted()).toEqual(['a', 'b']);
    await Promise.all(results);
    await writer.close();
  });
});

describe('recursiveDelete', () => {
  const plant = async () => {
    const root = await fill({ a: {}, b: {} });
    const paths = ['a/s/1', 'a/s/1/t/2', 'a/s-/1', 'b/s/1', 'missing/s/1/t/1'];
    await Promise.all(paths.map((path) => db.doc(`${root.path}/${path}`).set({})));
    await db.doc(`${root.path}-/a`).set({});
    await db.doc(`${root.path}/a0`).set({});
    return root;
  };
  const exists = async (root: CollectionReference, ...paths: string[]) => {
    const snapshots = await db.getAll(...paths.map((path) => db.doc(`${root.path}${path}`)));
    return snapshots.map((snapshot) => snapshot.exists);
  };

  test('of a document takes everything below it and nothing beside it', async () => {
    const root = await plant();
    await db.recursiveDelete(root.doc('a'));
    expect(await exists(root, '/a', '/a/s/1', '/a/s/1/t/2', '/a/s-/1')).toEqual(
      Array(4).fill(false),
    );
    expect(await exists(root, '/b', '/b/s/1', '/a0', '/missing/s/1/t/1')).toEqual(
      Array(4).fill(true),
    );
  });

  test('of a collection takes all depths and leaves its namesakes', async () => {
    const root = await plant();
    await db.recursiveDelete(root.doc('a').collection('s'));
    expect(await exists(root, '/a/s/1', '/a/s/1/t/2')).toEqual([false, false]);
    expect(await exists(root, '/a', '/a/s-/1', '/b/s/1')).toEqual([true, true, true]);
    await db.recursiveDelete(root);
    expect(await exists(root, '/a', '/b', '/a0', '/b/s/1', '/missing/s/1/t/1')).toEqual(
      Array(5).fill(false),
    );
    expect(await exists(root, '-/a')).toEqual([true]);
  });
});

describe('listing', () => {
  test('listDocuments includes missing documents that have something below', async () => {
    const target = await fill({ present: { a: 1 } });
    await target.doc('ghost').collection('sub').doc('1').set({});
    await target.doc('old ghost').collection('sub').doc('1').collection('s').doc('2').set({});
    const refs = await target.listDocuments();
    expect(refs.map((ref) => ref.id).sort()).toEqual(['ghost', 'old ghost', 'present']);
    expect(await idsOf(target)).toEqual(['present']);
    const sub = await target.doc('old ghost').collection('sub').listDocuments();
    expect(sub.map((ref) => ref.path)).toEqual([`${target.path}/old ghost/sub/1`]);
  });

  test('listDocuments finds each of many', async () => {
    const ids = range(450).map((n) => `d${n}`);
    const target = await fill(Object.fromEntries(ids.map((id) => [id, {}])));
    expect((await target.listDocuments()).map((ref) => ref.id).sort()).toEqual(ids.sort());
  });

  test('listCollections names the collections of the root and of a document, only theirs', async () => {
    const { id } = collection();
    const root = connect({ projectId: `list-${id.slice(-12)}` });
    const paths = ['b/1', 'a/1', 'a/2/below/1', 'c/ghost/d/1', 'a/1/x/1/y/1', 'a/1/w/1'];
    await Promise.all(paths.map((path) => root.doc(path).set({})));
    const names = (collections: CollectionReference[]) => collections.map((c) => c.path).sort();
    expect(names(await root.listCollections())).toEqual(['a', 'b', 'c']);
    expect(names(await root.doc('a/1').listCollections())).toEqual(['a/1/w', 'a/1/x']);
    expect(names(await root.doc('c/ghost').listCollections())).toEqual(['c/ghost/d']);
    expect(names(await root.doc('b/1').listCollections())).toEqual([]);
    await root.doc('b/1').delete();
    expect(names(await root.listCollections())).toEqual(['a', 'c']);
  });
});

test('the partitions of a collection group hold each document once, in order', async () => {
  const group = `parts-${collection().id}`;
  const batch = db.batch();
  for (const n of range(300)) batch.set(db.doc(`p/${n}/${group}/${n}`), { n });
  await batch.commit();
  const pathsOf = async (query: Query) => (await query.get()).docs.map((doc) => doc.ref.path);
  const parts: Query[] = [];
  // Firestore's client asks for partitions in a way that its own transport warns of, once in a process.
  const warnings: unknown[] = [];
  const emitWarning = jest.spyOn(process, 'emitWarning');
  emitWarning.mockImplementation((_text, options) => void warnings.push(options));
  try {
    for await (const part of db.collectionGroup(group).getPartitions(4)) parts.push(part.toQuery());
  } catch (error) {
    const isMissing = (error as { code?: unknown }).code === GrpcStatus.UNIMPLEMENTED;
    if (isMissing && emulatorDiffers('has no partitions', PARTITION_QUERY)) return;
    throw error;
  } finally {
    emitWarning.mockRestore();
  }
  expect(warnings).toEqual([{ type: 'AutopaginateTrueWarning' }]);
  expect(parts.length).toBeGreaterThanOrEqual(1);
  expect(parts.length).toBeLessThanOrEqual(4);
  const paths = (await Promise.all(parts.map(pathsOf))).flat();
  expect(paths).toEqual(
    range(300)
      .map((n) => `p/${n}/${group}/${n}`)
      .sort(),
  );
});
