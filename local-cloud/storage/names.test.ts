import { expect, test } from '@jest/globals';
import { checkBucketName, checkObjectName, decodeSegment, encodeSegment } from './names.ts';

test.each(['abc', 'a-b_c.d', '0ab', 'a'.repeat(63), `${'a'.repeat(60)}.${'b'.repeat(60)}`])(
  'a bucket may be called %s',
  (name) => expect(() => checkBucketName(name)).not.toThrow(),
);

test.each(['', 'ab', 'Abc', '-abc', 'abc-', 'a..b', 'a b', '10.0.0.1', 'goog-x', 'a'.repeat(64)])(
  'a bucket cannot be called %j',
  (name) => expect(() => checkBucketName(name)).toThrow('Invalid bucket name'),
);

test.each(['a', '...', 'a/../b', '/', '\0', '\t', 'x'.repeat(1024), '写'.repeat(341)])(
  'an object may be called %j',
  (name) => expect(() => checkObjectName(name)).not.toThrow(),
);

test.each(['.', '..', 'a\nb', 'a\rb', 'x'.repeat(1025), '写'.repeat(342), '\ud800'])(
  'an object cannot be called %j',
  (name) => expect(() => checkObjectName(name)).toThrow('Invalid object name'),
);

test('a name is required', () => {
  expect(() => checkObjectName('')).toThrow('Required parameter: name');
});

test('encoding keeps any text and leaves no reserved character', () => {
  const text = "a/b c!'()*+&=?#%写";
  expect(encodeSegment(text)).toMatch(/^[\w.~%-]+$/);
  expect(decodeSegment(encodeSegment(text))).toBe(text);
});

test.each(['%', '%zz', '%ff'])('%j is not valid encoded UTF-8', (segment) => {
  expect(() => decodeSegment(segment)).toThrow('Malformed percent-encoding');
});
