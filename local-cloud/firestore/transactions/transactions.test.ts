import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Database } from '../database.ts';
import { NO_DISK } from '../disk.ts';
import { parseQuery } from '../query/query.ts';
import { DATABASE, integer, query, ROOT, set, where } from '../testing.ts';
import type { Transaction } from './transaction.ts';

const A = `${ROOT}/c/a`;
const B = `${ROOT}/c/b`;

let database: Database;
beforeEach(async () => {
  jest.useFakeTimers();
  database = new Database(DATABASE, { now: () => 0, disk: NO_DISK, documents: [] });
  await database.commit([set('c/a', { n: integer(0) }), set('c/b', { n: integer(0) })]);
});
afterEach(() => {
  database.close();
  jest.useRealTimers();
});

const begin = () => database.begin({ mode: 'readWrite' });
const idOf = (transaction: Transaction) => Buffer.from(transaction.id, 'hex');
const read = (transaction: Transaction, ...names: string[]) =>
  database.transactions.lockDocuments(transaction, names);
const commit = (transaction: Transaction, ...paths: string[]) =>
  database.commit(
    paths.map((path) => set(path, { by: integer(transaction.age) })),
    idOf(transaction),
  );

/** `waiting`, or the state of the settled promise. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  const settled = promise.then(
    () => 'done',
    (error) => error.message.split(' ').slice(0, 3).join(' '),
  );
  // After some turns of the microtask queue, everything that needs no timer has happened.
  const later = Promise.resolve().then(async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    return 'waiting';
  });
  return await Promise.race([settled, later]);
}

const ABORTED = 'Aborted due to';
const EXPIRED = 'The referenced transaction';

describe('reading what another transaction has read', () => {
  test('waits for it to commit', async () => {
    const [first, second] = [begin(), begin()];
    await read(first, A);
    const reading = read(second, A);
    expect(await outcome(reading)).toBe('waiting');
    await commit(first, 'c/a');
    expect(await outcome(reading)).toBe('done');
    expect(await outcome(commit(second, 'c/a'))).toBe('done');
  });

  test('ends its wait after a short time', async () => {
    const [first, second] = [begin(), begin()];
    await read(first, A);
    const reading = read(second, A);
    await jest.advanceTimersByTimeAsync(250);
    expect(await outcome(reading)).toBe('done');
  });

  test('in opposite order aborts the younger transaction at once', async () => {
    const [first, second] = [begin(), begin()];
    await read(first, A);
    await read(second, B);
    const older = read(first, B);
    expect(await outcome(older)).toBe('waiting');
    expect(await outcome(read(second, A))).toBe(ABORTED);
    expect(await outcome(older)).toBe('done');
    expect(await outcome(commit(first, 'c/a', 'c/b'))).toBe('done');
  });
});

describe('two transactions that have read the same document', () => {
  let older: Transaction;
  let younger: Transaction;
  beforeEach(async () => {
    [older, younger] = [begin(), begin()];
    await read(older, A);
    const reading = read(younger, A);
    await jest.advanceTimersByTimeAsync(250);
    await reading;
  });

  test('the younger is aborted if both write it, in either order', async () => {
    const first = commit(younger, 'c/a');
    expect(await outcome(first)).toBe('waiting');
    const second = commit(older, 'c/a');
    expect(await outcome(first)).toBe(ABORTED);
    expect(await outcome(second)).toBe('done');
  });

  test('one waits for the other, which writes another document', async () => {
    const first = commit(older, 'c/a');
    expect(await outcome(first)).toBe('waiting');
    expect(await outcome(commit(younger, 'c/b'))).toBe('done');
    expect(await outcome(first)).toBe('done');
  });

  test('a transaction that is run again keeps its age', () => {
    const retryTransaction = idOf(older);
    const again = database.begin({ mode: 'readWrite', readWrite: { retryTransaction } });
    expect(again.age).toBe(older.age);
  });
});

describe('a write outside of a transaction', () => {
  test('waits for transactions that have read the document', async () => {
    const transaction = begin();
    await read(transaction, A);
    const write = database.commit([set('c/a', {})]);
    expect(await outcome(write)).toBe('waiting');
    expect(await outcome(database.commit([set('c/b', {})]))).toBe('done');
    expect(await outcome(commit(transaction, 'c/a'))).toBe('done');
    expect(await outcome(write)).toBe('done');
  });

  test('goes ahead after 3 s, and the transaction is aborted', async () => {
    const transaction = begin();
    await read(transaction, A);
    const write = database.commit([set('c/a', {})]);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(await outcome(write)).toBe('done');
    expect(await outcome(commit(transaction, 'c/a'))).toBe(ABORTED);
    expect(await outcome(commit(transaction, 'c/a'))).toBe(EXPIRED);
  });

  test('waits for transactions whose query results it would change', async () => {
    const transaction = begin();
    const pending = query({ where: where('n', 'EQUAL', integer(7)) });
    await database.transactions.lockQuery(transaction, parseQuery(ROOT, pending));
    expect(await outcome(database.commit([set('c/x', { n: integer(6) })]))).toBe('done');
    const phantom = database.commit([set('c/y', { n: integer(7) })]);
    expect(await outcome(phantom)).toBe('waiting');
    await commit(transaction, 'c/a');
    expect(await outcome(phantom)).toBe('done');
  });
});

describe('a transaction ends by itself', () => {
  test('after a minute without a call', async () => {
    const transaction = begin();
    await read(transaction, A);
    jest.advanceTimersByTime(59_000);
    database.transactions.get(idOf(transaction));
    jest.advanceTimersByTime(59_000);
    database.transactions.get(idOf(transaction));
    jest.advanceTimersByTime(60_000);
    expect(() => database.transactions.get(idOf(transaction))).toThrow(EXPIRED);
    expect(await outcome(database.commit([set('c/a', {})]))).toBe('done');
  });

  test('after 270 s in any case', () => {
    const transaction = begin();
    for (let minute = 0; minute < 5; minute++) {
      database.transactions.get(idOf(transaction));
      jest.advanceTimersByTime(54_000);
    }
    expect(() => database.transactions.get(idOf(transaction))).toThrow(EXPIRED);
  });
});

test('a read-only transaction waits for no other, delays no other, and cannot write', async () => {
  const writer = begin();
  await read(writer, A);
  const reader = database.begin({ mode: 'readOnly' });
  expect(await outcome(read(reader, A))).toBe('done');
  await commit(writer, 'c/a');
  const { result } = await database.read(
    { transaction: idOf(reader) },
    async () => {},
    (view) => view.overlay?.get(A)?.before?.fields,
  );
  expect(result).toEqual({ n: integer(0) });
  expect(await outcome(commit(reader, 'c/a'))).toBe('Cannot modify entities');
});
