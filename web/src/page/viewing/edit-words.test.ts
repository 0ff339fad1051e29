import { expect, test } from '@jest/globals';
import { editMediaSchema } from '@media-analysis/shared/edits';
import { labelIn } from '@media-analysis/shared/labels';
import { manyWordsFor } from '../selecting/many-words.ts';
import { problemOf, tagsOf } from './edit-words.tsx';

const [en, ja] = [manyWordsFor('en'), manyWordsFor('ja')];

test('commas of both languages part tags, and each tag is there once', () => {
  expect(tagsOf(' family, 猫、old，, family', [])).toEqual(['family', '猫', 'old']);
});

test('a tag that is shown in another language stays as it is, beside a new one', () => {
  const labelOf = (tag: string) => labelIn('ja', tag);
  expect(tagsOf('文字、海、dog', ['text', 'cat'], labelOf)).toEqual(['text', '海', 'dog']);
});

test('a tag that is too long is named', () => {
  const tags = ['sea', `the long story of ${'a'.repeat(43)}`];
  expect(problemOf(tags, en)).toBe(
    '“the long story of aaaaaa…” is too long for a tag, which has at most 60 characters. Put commas between tags.',
  );
  expect(problemOf(tags, ja)).toContain('「the long story of aaaaaa…」は長すぎます。');
});

test('too many tags are counted', () => {
  const tags = Array.from({ length: 31 }, (_, n) => `tag ${n}`);
  expect(problemOf(tags, en)).toBe('31 tags are too many: at most 30 are kept.');
  expect(problemOf(tags, ja)).toBe('タグは30個までです。今は31個あります。');
});

test.each([
  ['60 characters', ['a'.repeat(60)]],
  ['61 characters', ['a'.repeat(61)]],
  ['30 tags', Array.from({ length: 30 }, (_, n) => `${n}`)],
  ['31 tags', Array.from({ length: 31 }, (_, n) => `${n}`)],
])('of %s the page says what the server would say', (_, tags) => {
  expect(problemOf(tags, en) === undefined).toBe(editMediaSchema.safeParse({ tags }).success);
});
