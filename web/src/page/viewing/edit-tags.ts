/** Tags as a person writes them, and what is wrong with them: said before the server refuses them. */
import { MAX_TAG, MAX_TAGS } from '@media-analysis/shared/edit-limits';
import type { manyWordsFor } from '../selecting/many-words.ts';

/** Also with the commas of Japanese. */
export function tagsOf(text: string): string[] {
  const tags = text.split(/[,、，]/).map((tag) => tag.trim());
  return [...new Set(tags)].filter((tag) => tag !== '');
}

/** Enough of a tag to find it again in the field. */
const SHOWN = 24;

/** In words; undefined if nothing is wrong. */
export function problemOf(
  tags: readonly string[],
  { tagTooLong, tooManyTags }: ReturnType<typeof manyWordsFor>,
): string | undefined {
  const long = tags.find((tag) => tag.length > MAX_TAG);
  if (long !== undefined) return tagTooLong(`${[...long].slice(0, SHOWN).join('')}…`, MAX_TAG);
  return tags.length > MAX_TAGS ? tooManyTags(tags.length, MAX_TAGS) : undefined;
}
