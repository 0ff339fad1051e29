/** An answer of Firestore that breaks off after its first document: the caller gets all of it with another call. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { type RunningService, startFirestore } from '../../local-cloud/firestore/server.ts';

const faults = new FaultPlan();
let server: RunningService;
let firestore: Firestore;

beforeAll(async () => {
  server = await startFirestore({ faults });
  firestore = new Firestore({ projectId: 'faults', host: `127.0.0.1:${server.port}`, ssl: false });
  await Promise.all([1, 2, 3].map((n) => firestore.doc(`media/m${n}`).set({ n })));
});
afterAll(async () => {
  await firestore.terminate();
  await server.close();
});

const KINDS = [
  { kind: 'cut', ms: 0 },
  { kind: 'lose', code: 'UNAVAILABLE' },
] as const;

test.each(KINDS)('a query, with the fault $kind', async (fault) => {
  faults.script('firestore', 'RunQuery', fault);
  const { docs } = await firestore.collection('media').orderBy('n').get();
  expect(docs.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3']);
});

test.each(KINDS)('several documents, with the fault $kind', async (fault) => {
  faults.script('firestore', 'BatchGetDocuments', fault);
  const found = await firestore.getAll(firestore.doc('media/m1'), firestore.doc('media/m2'));
  expect(found.map(({ id }) => id)).toEqual(['m1', 'm2']);
});

test.each(KINDS)('a transaction, with the fault $kind', async (fault) => {
  faults.script('firestore', 'BatchGetDocuments', fault);
  const n = await firestore.runTransaction(async (transaction) => {
    const read = await transaction.get(firestore.doc('media/m1'));
    return read.get('n');
  });
  expect(n).toBe(1);
});
