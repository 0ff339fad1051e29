import { expect, test } from '@jest/globals';
import { FileNames } from './file-names.ts';

test.each([
  ['a.jpg', 'a.jpg'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['C:\\temp\\x.png', 'C__temp_x.png'],
  ['..', 'file'],
  ['', 'file'],
  ['con.jpg', '_con.jpg'],
  ['a\u0000b\u202Egpj.exe', 'a_b_gpj.exe'],
  ['COM¹ .txt', '_COM¹ .txt'],
  ['conout$', '_conout$'],
  [`${'長'.repeat(400)}.jpeg`, `${'長'.repeat(66)}.jpeg`],
  [`a.${'長'.repeat(30)}`, `a.${'長'.repeat(13)}`],
  [`${'a'.repeat(199)} b`, 'a'.repeat(199)],
])('%j becomes %j', (name, given) => {
  expect(new FileNames().give(name)).toBe(given);
});

test('no name is given twice, nor one that differs in capitals alone', () => {
  const names = new FileNames();
  const given = ['a.jpg', 'A.JPG', 'a.jpg', 'a (2).jpg'].map((name) => names.give(name));
  expect(given).toEqual(['a.jpg', 'A (2).JPG', 'a (3).jpg', 'a (2) (2).jpg']);
});
