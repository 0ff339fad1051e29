import { expect, test } from '@jest/globals';
import { characterAccuracy, inventedWords, isTotalRight, textScoreOf } from './text-score.ts';

test.each([
  ['kitten', 'sitting', 1 - 3 / 6],
  ['two\nlines', 'two lines', 1],
  ['コーヒー', 'コヒー', 0.75],
  ['no', 'something else entirely', 0],
])('of "%s", read as "%s", %s is right', (expected, read, accuracy) => {
  expect(characterAccuracy(expected, read)).toBeCloseTo(accuracy);
});

test.each([
  ['Harbour Street 14', 'HarbourStreet14', 0, 3],
  ['Harbour Street 14', '14 harbour street', 3, 3],
  ['the cat and the dog', 'the cat', 2, 5],
  ['the', 'the the', 1, 1],
  ['total 13.02', 'total 1302', 1, 2],
])('of the words of "%s", read as "%s", %s of %s are right', (written, read, words, all) => {
  expect(textScoreOf(written, read)).toMatchObject({ words, writtenWords: all });
});

test.each([
  ['the blue flower pot', 'blve flowerpot', []],
  ['the blue flower pot', 'the blue vase', ['vase']],
  ['ОСТОРОЖНО', 'OCTOPOXKHO', ['octopoxkho']],
  ['Harbour Street', 'HarbourStreet', []],
  ['小心地滑', '小心', []],
  ['', 'て', ['て']],
])('beside "%s", of "%s" is invented: %j', (written, read, invented) => {
  expect(inventedWords(written, read)).toEqual(invented);
});

test.each([
  ['SUBTOTAL 9.00\nTOTAL £9.50\nCARD 9.50', true],
  ['TOTAL\n9.50', true],
  ['SUBTOTAL 9.50', false],
  ['9.50\nTOTAL\n20.00\nCASH', false],
  ['TOTAL 19.50', false],
  ['total due: 9.50', true],
])('in %j the total 9.50 is found: %s', (text, isRight) => {
  expect(isTotalRight(text, { label: 'TOTAL', amount: '9.50' })).toBe(isRight);
});
