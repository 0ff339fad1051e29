import { describe, expect, test } from '@jest/globals';
import { toWireTimestamp } from '../clock.ts';
import type { StoredDocument } from '../documents.ts';
import { DATABASE, document, double, integer, list, map, remove, set, text } from '../testing.ts';
import type { Fields, Value, Write } from '../wire.ts';
import { parseWrites } from './parse.ts';
import { planWrites } from './plan.ts';

const NOW = 1_000_000;

function plan(stored: StoredDocument[], ...writes: Write[]) {
  const read = (segments: readonly string[]) =>
    stored.find((candidate) => candidate.segments.join('/') === segments.join('/'));
  return planWrites(parseWrites(writes, DATABASE), read, NOW);
}

const transform = (fieldPath: string, increment: Value): Partial<Write> => ({
  updateTransforms: [{ fieldPath, transformType: 'increment', increment }],
});

describe('an update', () => {
  const stored = document('c/d', { a: integer(1), b: map({ x: integer(1), y: integer(2) }) });

  test('without a mask replaces the document', () => {
    expect(plan([stored], set('c/d', { z: integer(1) })).changes[0]?.after).toEqual({
      ...document('c/d', { z: integer(1) }),
      updateTime: NOW,
    });
  });

  test('with a mask changes only the fields of the mask, and removes those without a value', () => {
    const updateMask = { fieldPaths: ['b.x', 'a', 'new'] };
    const write = set('c/d', { b: map({ x: integer(5) }), new: integer(7) }, { updateMask });
    expect(plan([stored], write).changes[0]?.after?.fields).toEqual({
      b: map({ x: integer(5), y: integer(2) }),
      new: integer(7),
    });
  });

  test('that changes nothing keeps the update time and is no change', () => {
    const { changes, results } = plan([stored], set('c/d', stored.fields));
    expect(changes).toEqual([]);
    expect(results).toEqual([{ updateTime: toWireTimestamp(1), transformResults: [] }]);
  });

  test('from 1 to 1.0 is a change', () => {
    const fields = { ...stored.fields, a: double(1) };
    expect(plan([stored], set('c/d', fields)).changes).toHaveLength(1);
  });
});

describe('several writes to one document', () => {
  test('see each other, and become one change', () => {
    const { changes, results } = plan(
      [],
      set('c/d', { n: integer(1) }),
      set('c/d', {}, { updateMask: { fieldPaths: [] }, ...transform('n', integer(1)) }),
      set('c/d', {}, { updateMask: { fieldPaths: [] }, ...transform('n', integer(1)) }),
    );
    expect(changes.map(({ before, after }) => [before, after?.fields])).toEqual([
      [undefined, { n: integer(3) }],
    ]);
    expect(results.map(({ transformResults }) => transformResults)).toEqual([
      [],
      [integer(2)],
      [integer(3)],
    ]);
  });

  test('that create and delete it are no change', () => {
    expect(plan([], set('c/d', {}), remove('c/d')).changes).toEqual([]);
  });

  test('that delete and create it set a new create time', () => {
    const { changes } = plan([document('c/d', {})], remove('c/d'), set('c/d', {}));
    expect(changes[0]?.after?.createTime).toBe(NOW);
  });
});

describe('a precondition', () => {
  const stored = document('c/d', {});
  const exists = (value: boolean): Partial<Write> => ({
    currentDocument: { conditionType: 'exists', exists: value },
  });
  const updatedAt = (micros: number): Partial<Write> => ({
    currentDocument: { conditionType: 'updateTime', updateTime: toWireTimestamp(micros) },
  });

  test.each<[string, StoredDocument[], Partial<Write>, string]>([
    ['no document', [stored], exists(false), 'Document already exists: projects/p/'],
    ['a document', [], exists(true), 'No document to update: projects/p/'],
    ['another version', [stored], updatedAt(7), 'the stored version (1) does not match'],
    ['a version of nothing', [], updatedAt(7), 'the stored version (0) does not match'],
  ])('that wants %s fails the commit', (_, documents, precondition, message) => {
    expect(() => plan(documents, set('c/d', {}, precondition))).toThrow(message);
  });

  test('is checked against the state after earlier writes of the commit', () => {
    expect(
      plan([], set('c/d', {}), set('c/d', { a: integer(1) }, exists(true))).changes,
    ).toHaveLength(1);
  });
});

describe('a document is refused', () => {
  const nested = (levels: number): Value =>
    levels === 0 ? integer(1) : map({ m: nested(levels - 1) });

  test.each<[string, Fields, string]>([
    ['beyond 1 MiB', { f: text('x'.repeat(1_048_576)) }, 'exceeds the maximum allowed size'],
    ['with an array in an array', { f: list(list()) }, 'Cannot convert an array value'],
    ['with a reserved name', { __f__: integer(1) }, 'reserved'],
    ['with an empty name', { '': integer(1) }, 'empty'],
    ['with more than 20 levels', { f: nested(21) }, 'nested deeper'],
  ])('%s', (_, fields, message) => {
    expect(() => plan([], set('c/d', fields))).toThrow(message);
  });

  test('but not at 20 levels', () => {
    expect(plan([], set('c/d', { f: nested(20) })).changes).toHaveLength(1);
  });

  test('exactly above the size limit', () => {
    // "c" 2 bytes, "d" 2, the name 16, the document 32, "f" 2, and 1 for the end of the text.
    const largest = 1_048_576 - 55;
    expect(plan([], set('c/d', { f: text('x'.repeat(largest)) })).changes).toHaveLength(1);
    expect(() => plan([], set('c/d', { f: text('x'.repeat(largest + 1)) }))).toThrow(
      "Document 'projects/p/databases/d/documents/c/d' cannot be written because its size (1,048,577 bytes) exceeds the maximum allowed size of 1,048,576 bytes.",
    );
  });
});
