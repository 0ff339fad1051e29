import { expect, test } from '@jest/globals';
import { csvRow } from './csv.ts';

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', `"'=1+1"`],
  ['+1', `"'+1"`],
  ['-1', `"'-1"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['  =cmd()', `"'  =cmd()"`],
  ['\t=1', `"'\t=1"`],
  ['\t1', `"'\t1"`],
  ['＝１', `"'＝１"`],
  ['dog; cat', '"dog; cat"'],
  ['x; =cmd()', `"x;' =cmd()"`],
  ['x;"=cmd()"', `"x;'""=cmd()"""`],
  ['x\n-1', `"x\n'-1"`],
  ['a\tb', '"a\tb"'],
  ['a=1', 'a=1'],
  [-33.5, '-33.5'],
  [null, ''],
])('%j is %j', (cell, written) => {
  expect(csvRow([cell, 1])).toBe(`${written},1\r\n`);
});
