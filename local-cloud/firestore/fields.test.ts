import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatFieldPath, getField, parseFieldPath, pickFields, setField } from './fields.ts';
import { integer, map } from './testing.ts';

describe('field paths', () => {
  test.each([
    ['a', ['a']],
    ['a.b_1', ['a', 'b_1']],
    ['`x&y`', ['x&y']],
    ['a.`b.c`.d', ['a', 'b.c', 'd']],
    ['`bak\\`tik`', ['bak`tik']],
    ['`back\\\\slash`', ['back\\slash']],
  ])('%s', (source, path) => {
    expect(parseFieldPath(source)).toEqual(path);
  });

  test.each(['', '.', 'a.', '.a', 'a..b', '1a', 'a b', '`a', '``', 'a`b`', '`a`b'])(
    '"%s" is no field path',
    (source) => {
      expect(() => parseFieldPath(source)).toThrow('Invalid property path');
    },
  );

  test('a path stays the same when it is formatted and parsed again', () => {
    const names = fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1 });
    fc.assert(
      fc.property(names, (path) => {
        expect(parseFieldPath(formatFieldPath(path))).toEqual(path);
      }),
    );
  });
});

describe('fields', () => {
  const fields = { a: map({ b: integer(1), c: integer(2) }), d: integer(3) };

  test('are found by path, but not in the prototype', () => {
    expect(getField(fields, ['a', 'b'])).toEqual(integer(1));
    expect(getField(fields, ['d', 'b'])).toBeUndefined();
    expect(getField(fields, ['constructor'])).toBeUndefined();
  });

  test('are replaced in a copy, the original stays as it was', () => {
    const changed = setField(fields, ['a', 'b'], integer(9));
    expect(getField(changed, ['a', 'b'])).toEqual(integer(9));
    expect(getField(changed, ['a', 'c'])).toEqual(integer(2));
    expect(getField(fields, ['a', 'b'])).toEqual(integer(1));
  });

  test('a value in the middle of a path is replaced by a map', () => {
    expect(setField(fields, ['d', 'e'], integer(1)).d).toEqual(map({ e: integer(1) }));
  });

  test('removing a missing field changes nothing', () => {
    expect(setField(fields, ['d', 'e'], undefined)).toEqual(fields);
    expect(setField(fields, ['x'], undefined)).toEqual(fields);
  });

  test('are picked together with the maps around them', () => {
    expect(pickFields(fields, [['a', 'c'], ['nothing']])).toEqual({ a: map({ c: integer(2) }) });
  });
});
