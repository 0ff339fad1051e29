/** Page tokens of a search by words. */
import { badToken } from '../../core/media/paging.ts';

/** Where the next page begins. */
interface Position {
  start: number;
  /** Ids of the last media on this page, and of the one after it. */
  last: string;
  next: string;
}

export const encodeToken = ({ start, last, next }: Position): string =>
  Buffer.from(`${start} ${last} ${next}`).toString('base64url');

const ID = '[A-Za-z0-9]{1,64}';
/** Tokens of earlier releases go on with further words. */
const TOKEN = new RegExp(`^(\\d{1,4}) (${ID})(?: (${ID})(?: .*)?)?$`, 'su');

export function decodeToken(token: string): Position {
  const match = TOKEN.exec(Buffer.from(token, 'base64url').toString());
  if (!match) throw badToken();
  const [, start, last = '', next = ''] = match;
  return { start: Number(start), last, next };
}

/** Begins after `last`. If that media is gone, at `next`; if both are gone, at the position `start`. */
export function startAfter({ start, last, next }: Position, ids: readonly string[]): number {
  const [before, at] = [ids.indexOf(last), ids.indexOf(next)];
  if (before !== -1) return before + 1;
  return at === -1 ? start : at;
}
