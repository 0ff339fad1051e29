/** Page tokens of a search by words. */
import type { Correction } from '@media-analysis/shared/search';
import { badToken } from '../../core/media/paging.ts';
import { MAX_CORRECTED } from './corrections.ts';

/** Where the next page begins. */
interface Position {
  start: number;
  /** Ids of the last media on this page, and of the one after it. */
  last: string;
  next: string;
  /** Keeps all pages in one search, even if a new media has the typed word. Tokens of earlier releases lack it. */
  corrected?: Correction[] | undefined;
}

export function encodeToken({ start, last, next, corrected = [] }: Position): string {
  const words = corrected.map(({ from, to }) => `${from}:${to},`).join('');
  return Buffer.from(`${start} ${last} ${next} ${words}`).toString('base64url');
}

const ID = '[A-Za-z0-9]{1,64}';
const WORD = '[\\p{L}\\p{M}\\p{N}]+';
const TOKEN = new RegExp(
  `^(\\d{1,4}) (${ID})(?: (${ID})(?: ((?:${WORD}:${WORD},){0,${MAX_CORRECTED}}))?)?$`,
  'u',
);

export function decodeToken(token: string): Position {
  const match = TOKEN.exec(Buffer.from(token, 'base64url').toString());
  if (!match) throw badToken();
  const [, start, last = '', next = '', words] = match;
  const corrected = words?.split(',').flatMap((pair) => {
    const [from = '', to] = pair.split(':');
    return to === undefined ? [] : [{ from, to }];
  });
  return { start: Number(start), last, next, corrected };
}

/** Begins after `last`. If that media is gone, at `next`; if both are gone, at the position `start`. */
export function startAfter({ start, last, next }: Position, ids: readonly string[]): number {
  const [before, at] = [ids.indexOf(last), ids.indexOf(next)];
  if (before !== -1) return before + 1;
  return at === -1 ? start : at;
}
