import { expect, test } from '@jest/globals';
import { plainName, plainText } from './plain-text.ts';

test.each([
  ['control characters', 'a\u0000b\u001b[1m\u007f\u0085', 'ab[1m'],
  ['overrides, embeddings and isolates', 'a\u202eb\u202a\u202c\u2066c\u2069', 'abc'],
  ['line breaks and tabs stay', 'a\r\n\tb\rc\n', 'a\n\tb\nc\n'],
  ['an emoji of several stays', '👩‍👩‍👧 🏳️‍🌈', '👩‍👩‍👧 🏳️‍🌈'],
  [
    'the marks of Hebrew and Arabic stay',
    'שלום\u200f! \u200eعربى\u061c',
    'שלום\u200f! \u200eعربى\u061c',
  ],
  ['half of a character is marked', 'a\ud83d', 'a\ufffd'],
])('of a text, %s', (_what, text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\cat.jpg', 'cat.jpg'],
  ['holiday/2026/cat.jpg', 'cat.jpg'],
  ['a\u0000.jpg', 'a.jpg'],
  ['exe.\u202egpj', 'exe.gpj'],
  ['two\nlines\t.jpg', 'two lines .jpg'],
  [' 猫 👩‍👧.jpg ', '猫 👩‍👧.jpg'],
  ['..', 'unnamed'],
  ['\u202e/', 'unnamed'],
  ['', 'unnamed'],
])('the name %j becomes %j', (name, plain) => {
  expect(plainName(name)).toBe(plain);
});
