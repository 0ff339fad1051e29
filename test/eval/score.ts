/** How right an answer is, against what a person saw. */
import type { Analytics } from '@media-analysis/shared/analytics';
import type { Label } from './labels.ts';

/** What an answer says as a fact; less sure objects are possibilities. */
const STATED = 0.5;

export interface Score {
  /** Of the expected things. */
  found: number;
  expected: number;
  /** Objects stated that are there. */
  right: number;
  /** Names of those that are not. */
  wrong: string[];
  /** Share of the written characters that were read; null where none are to be judged. */
  textAccuracy: number | null;
  /** Text where there is none; null where that is not known. */
  inventedText: boolean | null;
  /** How far the count is off; null if one of the two does not tell. */
  peopleError: number | null;
}

type Answer = Pick<Analytics, 'tags' | 'objects' | 'people_count' | 'text'>;

export function scoreOf({ tags, objects, people_count, text }: Answer, label: Label): Score {
  const stated = objects
    .filter(({ confidence }) => confidence >= STATED)
    .map((each) => each.label.toLowerCase());
  const named = new Set([...tags.map((tag) => tag.toLowerCase()), ...stated]);
  const there = new Set([...label.tags, ...label.also].flat());
  const wrong = stated.filter((name) => !there.has(name));
  const counted = people_count !== null && label.people_count !== undefined;
  return {
    found: label.tags.filter((names) => names.some((name) => named.has(name))).length,
    expected: label.tags.length,
    right: stated.length - wrong.length,
    wrong,
    textAccuracy: label.text ? characterAccuracy(label.text, text ?? '') : null,
    inventedText: label.text === null ? text !== null : null,
    peopleError: counted ? Math.abs(people_count - (label.people_count ?? 0)) : null,
  };
}

/** 1 − character error rate, never below 0. How lines are broken does not count. */
export function characterAccuracy(expected: string, read: string): number {
  const wanted = [...expected.replace(/\s+/g, ' ').trim()];
  const got = [...read.replace(/\s+/g, ' ').trim()];
  return Math.max(0, 1 - distance(wanted, got) / wanted.length);
}

/** Levenshtein's: insertions, deletions and replacements. */
function distance(one: string[], other: string[]): number {
  let row = other.map((_, i) => i + 1);
  for (const [i, char] of one.entries()) {
    let diagonal = i;
    let left = i + 1;
    row = row.map((above, j) => {
      left = Math.min(above + 1, left + 1, diagonal + (char === other[j] ? 0 : 1));
      diagonal = above;
      return left;
    });
  }
  return row.at(-1) ?? one.length;
}
