import { randomBytes } from 'node:crypto';
import { CRC32C } from '@google-cloud/storage';
import { expect, test } from '@jest/globals';
import { crc32c, encodeCrc32c } from './crc32c.ts';

// The check value of the CRC catalogue, and the vectors of RFC 3720, appendix B.4.
test.each([
  ['nothing', Buffer.alloc(0), 0],
  ['the digits 1 to 9', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 ascending bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
  ['32 descending bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => 31 - at)), 0x113fdb5c],
])('%s have the published checksum', (_, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});

test("the checksum equals Google's own for every length and alignment", () => {
  const bytes = randomBytes(64);
  for (let start = 0; start < 9; start++) {
    for (let end = start; end <= bytes.length; end++) {
      const part = bytes.subarray(start, end);
      const expected = new CRC32C();
      expected.update(part);
      expect(encodeCrc32c(crc32c(part))).toBe(expected.toString());
    }
  }
});

test('the checksum does not depend on how the content is cut into chunks', () => {
  const bytes = randomBytes(1000);
  for (const cut of [0, 1, 7, 8, 9, 500, 999, 1000]) {
    expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
  }
});
