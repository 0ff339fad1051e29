import { expect, test } from '@jest/globals';
import { altText } from './alt-text.ts';

test.each([
  ['A cat', 'Shows a cat. Text reads “EXIT”.', 'Shows a cat.'],
  ['“EXIT”', 'Possibly shows a door. Text reads “EXIT”.', '“EXIT” Possibly shows a door.'],
  ['The kitchen', 'f/1.8 light on a table. Two cups.', 'The kitchen. f/1.8 light on a table.'],
  ['台所', '机の上に猫がいます。窓があります。', '台所。机の上に猫がいます。'],
  ['Harbour', 'Boats', 'Harbour. Boats'],
])('“%s”, and the first sentence of “%s”', (title, summary, alt) => {
  expect(altText({ title, summary })).toBe(alt);
});
