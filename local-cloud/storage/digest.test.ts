import { expect, test } from '@jest/globals';
import { ContentDigest, checkClaims, claimsOf } from './digest.ts';

/** The digest of `abc` in two chunks. */
function digestOfAbc(options = {}) {
  const digest = new ContentDigest(options);
  digest.update(Buffer.from('a'));
  digest.update(Buffer.from('bc'));
  return digest;
}

test('hashes cover all chunks together; SHA-256 only on request', () => {
  const expected = { size: 3, crc32c: 'Nks/tw==', md5Hash: 'kAFQmDzST7DWlj99KOF/cg==' };
  expect(digestOfAbc().summary()).toEqual({ ...expected, sha256: undefined });
  expect(digestOfAbc({ sha256: true }).summary().sha256).toMatch(/^ba7816bf.*15ad$/);
});

test('a digest can be read and then continued', () => {
  const digest = digestOfAbc();
  const before = digest.summary();
  digest.update(Buffer.from('d'));
  expect(digest.summary()).not.toEqual(before);
  expect(digest.size).toBe(4);
});

test.each([
  [{ 'x-goog-hash': 'crc32c=AA==,md5=BB==' }, { crc32c: 'AA==', md5Hash: 'BB==' }],
  [{ 'x-goog-hash': ' md5=BB== , crc32c=AA==' }, { crc32c: 'AA==', md5Hash: 'BB==' }],
  [{ 'content-md5': 'BB==' }, { md5Hash: 'BB==' }],
  [{ 'x-goog-hash': 'sha1=CC' }, {}],
  [{}, {}],
])('the headers %j claim %j', (headers, claims) => {
  expect(claimsOf(headers)).toEqual(claims);
});

test('one wrong claim among right ones is refused', () => {
  const content = digestOfAbc().summary();
  const { crc32c, md5Hash } = content;
  expect(() => checkClaims(content, { crc32c }, { md5Hash }, {})).not.toThrow();
  expect(() => checkClaims(content, { crc32c, md5Hash: 'AA==' })).toThrow('md5Hash');
  expect(() => checkClaims(content, { md5Hash }, { crc32c: 'AA==' })).toThrow('crc32c');
  expect(() => checkClaims(content, { sha256: 'aa' })).toThrow('sha256');
});
