import { expect, test } from '@jest/globals';
import { mergePatch, parseMetadata, parseUploadBody, patchMetadata } from './metadata.ts';

// Some of the cases of RFC 7396, appendix A.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j patched with %j is %j', (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result);
});

test('a patch does not change its target in place', () => {
  const target = { metadata: { a: '1' } };
  patchMetadata(target, { metadata: { a: null } });
  expect(target).toEqual({ metadata: { a: '1' } });
});

test('only fields that a caller may set are accepted', () => {
  const body = { contentType: 'a/b', size: '9', generation: '1', bucket: 'x', metadata: { n: 1 } };
  expect(parseMetadata(body)).toEqual({ contentType: 'a/b', metadata: { n: '1' } });
});

test('the resource of an upload has the object name and the claimed hashes', () => {
  const body = { name: 'n', crc32c: 'c', md5Hash: 'm', cacheControl: null };
  const claims = { crc32c: 'c', md5Hash: 'm' };
  expect(parseUploadBody(body)).toEqual({ name: 'n', metadata: {}, claims });
});

test.each([
  [{ contentType: 5 }],
  [{ contentDisposition: 'a\r\nb: c' }],
  [{ metadata: 'text' }],
  [{ metadata: { a: {} } }],
  [{ customTime: 'yesterday' }],
])('%j is refused', (body) => {
  expect(() => parseMetadata(body)).toThrow('Invalid value at');
});
