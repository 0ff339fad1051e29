import { beforeEach, describe, expect, test } from '@jest/globals';
import { fromWireTimestamp } from '../clock.ts';
import { Database } from '../database.ts';
import { NO_DISK } from '../disk.ts';
import { DATABASE, integer, query, ROOT, remove, set, where } from '../testing.ts';
import type { ListenResponse, ListenTarget, StructuredQuery } from '../wire.ts';
import { ListenStream, type Outlet } from './stream.ts';

/** The sent response in short: `ADD 1`, `change c/a`, `delete c/a`. */
function summary(response: ListenResponse): string {
  const path = (name = '') => name.slice(ROOT.length + 1);
  if ('documentChange' in response) return `change ${path(response.documentChange.document.name)}`;
  if ('documentDelete' in response) return `delete ${path(response.documentDelete.document)}`;
  if ('documentRemove' in response) return `remove ${path(response.documentRemove.document)}`;
  const { targetChangeType, targetIds, cause } = response.targetChange;
  return [targetChangeType, ...targetIds, ...(cause ? [cause.code] : [])].join(' ');
}

class Recorder implements Outlet {
  writableLength = 0;
  readonly #responses: ListenResponse[] = [];
  lastToken: Uint8Array | undefined;

  write(response: ListenResponse): boolean {
    this.#responses.push(response);
    if ('targetChange' in response) this.lastToken = response.targetChange.resumeToken;
    return true;
  }

  take(): string[] {
    return this.#responses.splice(0).map(summary);
  }
}

let database: Database;
let outlet: Recorder;
let stream: ListenStream;
beforeEach(async () => {
  database = new Database(DATABASE, { now: () => 0, disk: NO_DISK, documents: [] });
  outlet = new Recorder();
  stream = new ListenStream(database, outlet);
  await database.commit([set('c/a', { n: integer(1) }), set('c/b', { n: integer(2) })]);
});

const onQuery = (structuredQuery: StructuredQuery, more: ListenTarget = {}): ListenTarget => ({
  targetType: 'query',
  query: { parent: ROOT, structuredQuery },
  targetId: 1,
  ...more,
});
const onDocuments = (...paths: string[]): ListenTarget => ({
  targetType: 'documents',
  documents: { documents: paths.map((path) => `${ROOT}/${path}`) },
  targetId: 2,
});

describe('a new target', () => {
  test('gets ADD, its documents, CURRENT and a consistent snapshot', () => {
    stream.addTarget(onQuery(query()));
    expect(outlet.take()).toEqual(['ADD 1', 'change c/a', 'change c/b', 'CURRENT 1', 'NO_CHANGE']);
  });

  test('of documents reports the missing ones as deleted', () => {
    stream.addTarget(onDocuments('c/a', 'c/none'));
    expect(outlet.take()).toEqual([
      'ADD 2',
      'change c/a',
      'delete c/none',
      'CURRENT 2',
      'NO_CHANGE',
    ]);
  });

  test('with once is removed when it is current', async () => {
    stream.addTarget(onQuery(query(), { once: true }));
    expect(outlet.take().at(-1)).toBe('REMOVE 1');
    await database.commit([set('c/a', {})]);
    expect(outlet.take()).toEqual([]);
  });

  test('that is invalid is removed with the reason, and the other targets go on', async () => {
    stream.addTarget(onDocuments('c/a'));
    outlet.take();
    stream.addTarget(onQuery(query({ limit: { value: -1 } })));
    expect(outlet.take()).toEqual(['REMOVE 1 3']);
    await database.commit([set('c/a', {})]);
    expect(outlet.take()).toEqual(['change c/a', 'NO_CHANGE']);
  });
});

describe('a commit', () => {
  test('reaches a target as one snapshot', async () => {
    stream.addTarget(onQuery(query({ where: where('n', 'GREATER_THAN', integer(0)) })));
    outlet.take();
    await database.commit([
      set('c/a', { n: integer(5) }),
      set('c/b', { n: integer(0) }),
      set('c/c', { n: integer(1) }),
    ]);
    expect(outlet.take()).toEqual(['change c/a', 'change c/c', 'remove c/b', 'NO_CHANGE']);
  });

  test('that changes nothing for a target sends nothing', async () => {
    stream.addTarget(onQuery(query()));
    outlet.take();
    await database.commit([set('c/a', { n: integer(1) }), set('other/x', {})]);
    expect(outlet.take()).toEqual([]);
  });

  test('of a document outside of a target sends nothing', async () => {
    stream.addTarget(onQuery(query({ where: where('n', 'GREATER_THAN', integer(0)) })));
    outlet.take();
    await database.commit([set('c/x', { n: integer(0) })]);
    expect(outlet.take()).toEqual([]);
  });

  test('sends the changes of all targets before the snapshot', async () => {
    stream.addTarget(onQuery(query()));
    stream.addTarget(onDocuments('c/a'));
    outlet.take();
    await database.commit([remove('c/a')]);
    expect(outlet.take()).toEqual(['delete c/a', 'delete c/a', 'NO_CHANGE']);
  });

  test('sends nothing for a removed target', async () => {
    stream.addTarget(onQuery(query()));
    stream.removeTarget(1);
    outlet.take();
    await database.commit([remove('c/a')]);
    expect(outlet.take()).toEqual([]);
  });
});

describe('a resumed target', () => {
  const resume = async (resumeToken: Uint8Array | undefined) => {
    const other = new Recorder();
    new ListenStream(database, other).addTarget(
      onQuery(query(), { ...(resumeToken && { resumeToken }) }),
    );
    return other.take();
  };

  test('gets the changes since its token, deletions included', async () => {
    stream.addTarget(onQuery(query()));
    const token = outlet.lastToken;
    stream.close();
    await database.commit([set('c/c', {})]);
    await database.commit([remove('c/a')]);
    expect(await resume(token)).toEqual([
      'ADD 1',
      'change c/c',
      'delete c/a',
      'CURRENT 1',
      'NO_CHANGE',
    ]);
  });

  test('gets no changes if nothing has changed', async () => {
    stream.addTarget(onQuery(query()));
    expect(await resume(outlet.lastToken)).toEqual(['ADD 1', 'CURRENT 1', 'NO_CHANGE']);
  });

  test('with the token of another server is reset', async () => {
    stream.addTarget(onQuery(query()));
    const token = Buffer.from(outlet.lastToken ?? []);
    token[0] = (token[0] ?? 0) ^ 1;
    expect(await resume(token)).toEqual([
      'ADD 1',
      'RESET 1',
      'change c/a',
      'change c/b',
      'CURRENT 1',
      'NO_CHANGE',
    ]);
  });

  test('with a read time gets the changes after that time', async () => {
    const { result, readTime } = await database.read(
      {},
      async () => {},
      ({ store }) => store,
    );
    await database.commit([set('c/b', {})]);
    const seconds = Math.floor(readTime / 1e6);
    const wire = { seconds, nanos: (readTime % 1e6) * 1_000 };
    expect(fromWireTimestamp(wire)).toBe(readTime);
    expect(result.get(['c', 'b'])).toBeDefined();
    stream.addTarget(onQuery(query(), { readTime: wire }));
    expect(outlet.take()).toEqual(['ADD 1', 'change c/b', 'CURRENT 1', 'NO_CHANGE']);
  });
});

test('a slow client gets the final state and not every change', async () => {
  stream.addTarget(
    onQuery(query({ orderBy: [{ field: { fieldPath: 'n' } }], limit: { value: 2 } })),
  );
  outlet.take();
  outlet.writableLength = 5_000;
  await database.commit([remove('c/b')]);
  for (let n = 10; n < 20; n++) await database.commit([set('c/a', { n: integer(n) })]);
  expect(outlet.take()).toEqual([]);
  outlet.writableLength = 0;
  stream.drained();
  expect(outlet.take()).toEqual(['change c/a', 'delete c/b', 'CURRENT 1', 'NO_CHANGE']);
  await database.commit([set('c/b', { n: integer(0) })]);
  expect(outlet.take()).toEqual(['change c/b', 'NO_CHANGE']);
});

test('an idle client gets a heartbeat', () => {
  stream.addTarget(onQuery(query()));
  outlet.take();
  stream.heartbeat();
  expect(outlet.take()).toEqual(['NO_CHANGE']);
});
