/** Matches files without a media with a search. */
import type { MediaFilters } from '../../client/index.ts';
import type { Entry } from '../library/entries.ts';

/** Only the name and the kind of such a file are known. */
export function isMatch({ upload }: Pick<Entry, 'upload'>, filters: MediaFilters): boolean {
  const { q = '', kind = '', status = 'failed', sort, ...others } = filters;
  const { name = '', type = '' } = upload?.file ?? {};
  const words = q.toLowerCase().split(/\s+/);
  return (
    Object.keys(others).length === 0 &&
    status === 'failed' &&
    type.startsWith(kind) &&
    words.every((word) => name.toLowerCase().includes(word))
  );
}
