import { expect, test } from '@jest/globals';
import { labelIn } from './labels.ts';

test('a label has its name in Japanese, whatever its case', () => {
  expect(['cat', 'Cat', 'qr code'].map((label) => labelIn('ja-JP', label))).toEqual([
    ...['猫', '猫', 'QRコード'],
  ]);
});

test('a label that is not in the table stays as it is, and so does any in another language', () => {
  expect(labelIn('ja', 'constructor')).toBe('constructor');
  expect(labelIn('en', 'cat')).toBe('cat');
});
