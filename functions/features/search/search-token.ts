/** Where a page of a search by words begins. */
import type { Correction } from '@media-analysis/shared/search';
import { badToken } from '../../core/media/paging.ts';
import { MAX_CORRECTED } from './search-corrections.ts';

/** Where the next page begins. */
interface Place {
  start: number;
  /** The last media of the page before, and the one that came next. */
  last: string;
  next: string;
  /** All pages are of one search, also when a media has the typed word meanwhile. Absent: a token of an earlier release. */
  corrected?: Correction[] | undefined;
}

export function encodeToken({ start, last, next, corrected = [] }: Place): string {
  const words = corrected.map(({ from, to }) => `${from}:${to},`).join('');
  return Buffer.from(`${start} ${last} ${next} ${words}`).toString('base64url');
}

const ID = '[A-Za-z0-9]{1,64}';
const WORD = '[\\p{L}\\p{M}\\p{N}]+';
const TOKEN = new RegExp(
  `^(\\d{1,4}) (${ID})(?: (${ID})(?: ((?:${WORD}:${WORD},){0,${MAX_CORRECTED}}))?)?$`,
  'u',
);

export function decodeToken(token: string): Place {
  const match = TOKEN.exec(Buffer.from(token, 'base64url').toString());
  if (!match) throw badToken();
  const [, start, last = '', next = '', words] = match;
  const corrected = words?.split(',').flatMap((pair) => {
    const [from = '', to] = pair.split(':');
    return to === undefined ? [] : [{ from, to }];
  });
  return { start: Number(start), last, next, corrected };
}

/** After the media that was last on the page before; if it is gone, at the one that came next; then at its place. */
export function startAfter({ start, last, next }: Place, ids: readonly string[]): number {
  const [before, at] = [ids.indexOf(last), ids.indexOf(next)];
  if (before !== -1) return before + 1;
  return at === -1 ? start : at;
}
