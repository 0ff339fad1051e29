import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import busboy from 'busboy';
import fc from 'fast-check';
import { createHeaderCleaner, unescapeFileName } from './part-headers.ts';

const part = (name: string, content: string) =>
  `--xyz\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n\r\n${content}\r\n`;

/** The chunks of a form; after the last of `sizes` comes the rest. */
function cut(form: string, sizes: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let rest = Buffer.from(form, 'latin1');
  for (const size of sizes) {
    chunks.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return [...chunks, rest].filter(({ length }) => length > 0);
}

/** @returns what comes out, or undefined if the form is refused. */
function clean(form: string, sizes: number[] = []): string | undefined {
  const cleanHeaders = createHeaderCleaner('xyz');
  const out: Buffer[] = [];
  for (const chunk of cut(form, sizes)) {
    const bytes = cleanHeaders(chunk);
    if (!bytes) return undefined;
    out.push(bytes);
  }
  return Buffer.concat(out).toString('latin1');
}

const anySizes = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 });

test('control characters in headers are escaped and content is left alone, however it is cut', () => {
  const content = '\x00\x01--xyz\r\n\r\n\x02\r\n--xy\x03';
  const form = `${part('a\x01b.jpg', content)}${part('\x7f.jpg', '\x04')}--xyz--\r\n`;
  const expected = `${part('a%01b.jpg', content)}${part('%7F.jpg', '\x04')}--xyz--\r\n`;
  fc.assert(
    fc.property(anySizes, (sizes) => {
      expect(clean(form, sizes)).toBe(expected);
    }),
  );
});

test('a form without control characters passes through as the same bytes', () => {
  const cleanHeaders = createHeaderCleaner('xyz');
  const chunk = Buffer.from('no delimiter in here');
  expect(cleanHeaders(chunk)?.equals(chunk)).toBe(true);
});

test.each([
  ['a%01b.jpg', 'a\x01b.jpg'],
  ['a%22b%0D%0A.jpg', 'a"b\r\n.jpg'],
  ['100%25.jpg', '100%25.jpg'],
  ['%E5.jpg', '%E5.jpg'],
])('%j is shown as %j', (sent, shown) => {
  expect(unescapeFileName(sent)).toBe(shown);
});

const FIELD = 'Content-Disposition: form-data; name="a"\r\n';
const UTF16 = 'Content-Type: text/plain; charset=utf-16le\r\n';

test('the charset of a part is hidden from the parser, and nothing else of its header or content', () => {
  const form = (charset: string) =>
    `--xyz\r\nContent-Disposition: form-data; name="files"; filename="charset=a.jpg"\r\n` +
    `X: charset=b\r\nCONTENT-type:\r\n\timage/png;\r\n ${charset}=utf-16le\r\n\r\ncharset=c\r\n--xyz--\r\n`;
  fc.assert(
    fc.property(anySizes, (sizes) => {
      expect(clean(form('CharSet'), sizes)).toBe(form('ignored'));
    }),
  );
});

test('a header may have as many bytes as the parser takes, and not one more', () => {
  const form = (length: number) => `--xyz\r\nA: ${'b'.repeat(length - 7)}\r\n\r\nc`;
  expect(clean(form(16_384))).toBe(form(16_384));
  expect(clean(form(16_385))).toBeUndefined();
  expect(clean(`--xyz\r\n${'b'.repeat(16_385)}`)).toBeUndefined();
});

describe('the parser behind it', () => {
  let decodings = 0;
  beforeEach(() => {
    decodings = 0;
    const prototype = Buffer.prototype as unknown as { ucs2Slice: () => string };
    jest.spyOn(prototype, 'ucs2Slice').mockImplementation(() => {
      decodings += 1;
      return '';
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Parses a form as far as it goes. @throws what the parser throws */
  function parse(form: string, sizes: number[], isCleaned = true): void {
    const headers = { 'content-type': 'multipart/form-data; boundary=xyz' };
    const parser = busboy({ headers, limits: { files: 3, fields: 20, parts: 24 } });
    let isBroken = false;
    parser.on('error', () => {
      isBroken = true;
    });
    parser.on('field', () => undefined);
    parser.on('file', (_name, bytes) => bytes.on('error', () => undefined).resume());
    const cleanHeaders = createHeaderCleaner('xyz');
    for (const chunk of cut(form, sizes)) {
      const bytes = isCleaned ? cleanHeaders(chunk) : chunk;
      if (isBroken || !bytes) break;
      parser.write(bytes);
    }
    parser.destroy();
  }

  const hidden = `${FIELD}${UTF16}\r\nabc\r\n--xyz\r\n`;
  test.each([
    ['in a part as browsers send it', `--xyz\r\n${hidden}`],
    [
      'in a folded line',
      `--xyz\r\n${FIELD}Content-Type: a/b;\r\n charset=ucs2\r\n\r\nabc\r\n--xyz`,
    ],
    [
      'behind a delimiter that shares the end of a header',
      `--xyz\r\nA: b\r\n\r\n--xyz\r\n\r\n${hidden}`,
    ],
    ['behind a delimiter inside a header', `--xyz\r\nA: b\r\n--xyz\r\nC: d\r\n\r\n\r\n${hidden}`],
    ['behind a line break that a delimiter cuts in two', `--xyz\r\r\n--xyz\n${hidden}`],
    ['behind a delimiter that is none', `--xyzX\r\n--xyz\r\n${hidden}`],
    ['behind the end of the form', `--xyz--\r\n--xyz-\r\n--xyz\r\n${hidden}`],
  ])('never sees UTF-16 %s', (_where, form) => {
    parse(form, [], false);
    expect(decodings).toBeGreaterThan(0);
    decodings = 0;
    for (let size = 1; size <= form.length; size++) parse(form, Array(form.length).fill(size));
    expect(decodings).toBe(0);
  });

  test('never throws for a delimiter that shares the end of a header', () => {
    const form = `--xyz\r\n${FIELD}\r\n--xyz\r\n\r\nn:a"\r\n--xyz`;
    const bytewise = Array(form.length).fill(1);
    expect(() => parse(form, bytewise, false)).toThrow('out of range');
    expect(() => parse(form, bytewise)).not.toThrow();
  });

  test('neither sees UTF-16 nor throws, whatever is sent', () => {
    const pieces = [
      '\r\n',
      '\r',
      '\n',
      '--',
      '-',
      'X',
      ' ',
      'abc',
      'A: b\r\n',
      '\r\n\r\n',
      '--xyz',
    ];
    const whole = ['\r\n--xyz', '\r\n--xyz\r\n', '\r\n--xyz--', FIELD, UTF16, hidden];
    const anyForm = fc
      .array(fc.constantFrom(...pieces, ...whole, ...whole), { maxLength: 16 })
      .map((parts) => `--xyz${parts.join('')}`);
    fc.assert(
      fc.property(anyForm, anySizes, (form, sizes) => {
        expect(() => parse(form, sizes)).not.toThrow();
        expect(decodings).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
