import { describe, expect, test } from '@jest/globals';
import { Moments } from '../../core/media/moments.ts';
import { metadataAfter } from './metadata.ts';
import { metadataMoments } from './moments.ts';

const moments = new Moments([metadataMoments]);
const accepting = (fields: Record<string, unknown>, files: object[] = [{}]) =>
  moments.accepting({ ownerId: 'alice', keyId: undefined, fields, files: files as [] });
const named = (fields: Record<string, unknown>, files: object[] = [{}]) =>
  files.map((_, n) => accepting(fields, files).change(n));
const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [n, 'a']));

describe('what a form says', () => {
  test.each<[string, Record<string, string>, number, object[]]>([
    ['nothing', {}, 1, [{}]],
    ['empty fields', { metadata: '', external_id: '' }, 1, [{}]],
    [
      'metadata, which are for all files',
      { metadata: '{"a.b":"1"}' },
      2,
      Array(2).fill({ metadata: { 'a.b': '1' } }),
    ],
    ['an empty text, which is no key', { metadata: '{"a":""}' }, 1, [{}]],
    ['the id of its file', { external_id: '{7}' }, 1, [{ external_id: '{7}' }]],
    ['an id for each file, or null', { external_id: '["a",null]' }, 2, [{ external_id: 'a' }, {}]],
    ['a list for one file', { external_id: '["[a]"]' }, 1, [{ external_id: '[a]' }]],
    ['half a character', { metadata: '{"a":"\\ud800"}' }, 1, [{ metadata: { a: '\ufffd' } }]],
    [
      'as much as may be',
      {
        metadata: JSON.stringify({ ...keys(19), ['k'.repeat(40)]: 'v'.repeat(500) }),
        external_id: 'i'.repeat(255),
      },
      1,
      [{ metadata: expect.anything(), external_id: expect.anything() }],
    ],
  ])('%s', (_title, fields, count, names) => {
    expect(named(fields, Array(count).fill({}))).toEqual(names);
  });

  test.each<[Record<string, string>, number, string]>([
    [{ metadata: '{"a":5}' }, 1, 'metadata.a: must be a text: send "5", not 5'],
    [{ metadata: '{"a":{}}' }, 1, 'metadata.a: must be a text'],
    [{ metadata: 'a=5' }, 1, 'metadata: is not JSON.'],
    [{ metadata: '["a"]' }, 1, 'metadata: must be an object with fields'],
    [
      { metadata: JSON.stringify({ a: 'v'.repeat(501) }) },
      1,
      'metadata.a: must have at most 500 characters',
    ],
    [
      { metadata: JSON.stringify({ ['k'.repeat(41)]: 'a' }) },
      1,
      'metadata: a key must have 1 to 40 characters',
    ],
    [{ metadata: '{"":"a"}' }, 1, 'metadata: a key must have 1 to 40 characters'],
    // Firestore would refuse the write.
    [{ metadata: '{"__a__":"a"}' }, 1, 'metadata: a key must have 1 to 40 characters'],
    [{ metadata: '{"\\ud800":"a"}' }, 1, 'metadata: a key must have 1 to 40 characters'],
    [{ metadata: JSON.stringify(keys(21)) }, 1, 'metadata: must have at most 20 keys'],
    [{ external_id: 'a' }, 2, 'external_id: this request has 2 files. Send a JSON array'],
    [{ external_id: '["a"]' }, 2, 'external_id: this request has 2 files. Send a JSON array'],
    [{ external_id: '["a",5]' }, 2, 'external_id.1: must be a text'],
    [{ external_id: '[a' }, 1, 'external_id: is not JSON.'],
    [{ external_id: 'i'.repeat(256) }, 1, 'external_id.0: must have at most 255 characters'],
  ])('%j of %i files is refused', (fields, count, message) => {
    expect(() => named(fields, Array(count).fill({}))).toThrow(message);
  });
});

test('each announced file has names of its own', () => {
  const files = [{ size: 1, external_id: 'a' }, { size: 2, metadata: { a: '1' } }, { size: 3 }];
  expect(named({ files }, files)).toEqual([{ external_id: 'a' }, { metadata: { a: '1' } }, {}]);
});

test('a request is another one with other names, and as it was before without any', () => {
  const prints = [
    accepting({ metadata: '{"a":"1"}' }),
    accepting({ metadata: '{"a":"2"}' }),
    accepting({ external_id: 'a' }),
    accepting({ external_id: 'b' }),
    accepting({}, [{ external_id: 'a' }]),
    accepting({}, [{ metadata: { a: '1' } }]),
  ].map(({ fingerprint }) => JSON.stringify(fingerprint));
  expect(new Set(prints).size).toBe(prints.length);
  expect(accepting({ language: 'en' }, [{ size: 1 }]).fingerprint).toEqual([]);
});

test.each<[object | undefined, Record<string, string | null> | null, object | undefined]>([
  [
    { a: '1', b: '2' },
    { b: '3', c: '4' },
    { a: '1', b: '3', c: '4' },
  ],
  [{ a: '1', b: '2' }, { a: null, c: '' }, { b: '2' }],
  [{ a: '1' }, { a: '' }, undefined],
  [{ a: '1' }, null, undefined],
  [keys(20), { ...keys(1), 0: null, more: 'b' }, { ...keys(20), 0: undefined, more: 'b' }],
])('%j with %j', (before, change, after) => {
  expect(metadataAfter(before as Record<string, string>, change)).toEqual(after);
});

test('what is merged has no more keys than what is sent', () => {
  expect(() => metadataAfter(keys(20), { more: 'b' })).toThrow('more than 20 keys');
});
