import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHeaderEscaper, unescapeFileName } from './part-headers.ts';

const part = (name: string, content: string) =>
  `--xyz\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n\r\n${content}\r\n`;

function escapeIn(form: string, sizes: number[]): string {
  const escapeHeaders = createHeaderEscaper('xyz');
  const bytes = Buffer.from(form, 'latin1');
  const out: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    if (at < bytes.length) out.push(escapeHeaders(bytes.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat(out).toString('latin1');
}

test('control characters in headers are escaped and content is left alone, however it is cut', () => {
  const content = '\x00\x01--xyz\r\n\r\n\x02\r\n--xy\x03';
  const form = `${part('a\x01b.jpg', content)}${part('\x7f.jpg', '\x04')}--xyz--\r\n`;
  const expected = `${part('a%01b.jpg', content)}${part('%7F.jpg', '\x04')}--xyz--\r\n`;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 }), (sizes) => {
      expect(escapeIn(form, sizes)).toBe(expected);
    }),
  );
});

test('a form without control characters passes through as the same bytes', () => {
  const escapeHeaders = createHeaderEscaper('xyz');
  const chunk = Buffer.from('no delimiter in here');
  expect(escapeHeaders(chunk).equals(chunk)).toBe(true);
});

test.each([
  ['a%01b.jpg', 'a\x01b.jpg'],
  ['a%22b%0D%0A.jpg', 'a"b\r\n.jpg'],
  ['100%25.jpg', '100%25.jpg'],
  ['%E5.jpg', '%E5.jpg'],
])('%j is shown as %j', (sent, shown) => {
  expect(unescapeFileName(sent)).toBe(shown);
});
