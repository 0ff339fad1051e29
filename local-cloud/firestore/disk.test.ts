import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDisk } from './disk.ts';
import {
  bytes,
  change,
  DATABASE,
  document,
  double,
  flag,
  integer,
  list,
  map,
  point,
  reference,
  text,
  timestamp,
  vector,
} from './testing.ts';
import { NULL_VALUE } from './values.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'firestore-disk-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a document is the same after a restart', () => {
  const stored = document(
    'c/d',
    {
      all: list(NULL_VALUE, flag(false), integer(2n ** 63n - 1n), double(-0), double(Number.NaN)),
      map: map({ bytes: bytes(0, 255), point: point(1.5, -2), reference: reference('c/e') }),
      time: timestamp(253_402_300_799, 999_999_000),
      vector: vector(1, 2),
    },
    1_700_000_000_123_456,
  );
  const gone = document('c/gone', {});
  const disk = openDisk(directory);
  disk.save([change(undefined, stored), change(undefined, gone)]);
  disk.save([change(gone, undefined)]);
  disk.close();

  const again = openDisk(directory);
  expect([...again.load()]).toEqual([{ database: DATABASE, document: stored }]);
  again.close();
});

test('nothing of a deleted document, or of what it said before, is left in the file', () => {
  const file = join(directory, 'firestore.sqlite');
  // Enough for pages to become free.
  const documents = Array.from({ length: 200 }, (_, i) =>
    document(`c/d${i}`, { file_name: text(`my secret diary ${'x'.repeat(1_000)}`) }),
  );
  const [kept, ...gone] = documents;
  if (!kept) throw new Error('There is no document.');
  const disk = openDisk(directory);
  disk.save(documents.map((each) => change(undefined, each)));
  disk.close();
  expect(readFileSync(file).includes('my secret diary')).toBe(true);
  const again = openDisk(directory);
  again.save([...gone.map((each) => change(each, undefined)), change(kept, document('c/d0', {}))]);
  again.close();
  expect(readFileSync(file).includes('my secret diary')).toBe(false);
});

test('a second server cannot open the same data', () => {
  const disk = openDisk(directory);
  disk.save([change(undefined, document('c/d', {}))]);
  expect(() => openDisk(directory)).toThrow('locked');
  disk.close();
});
