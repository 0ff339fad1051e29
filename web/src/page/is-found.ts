/** Files that have no media, in a search. */
import type { MediaFilters } from '../client/index.ts';
import type { Entry } from './entries.ts';

/** Whether a search finds a file that has no media. All that is known of it are its name and its kind. */
export function isFound({ upload }: Pick<Entry, 'upload'>, filters: MediaFilters): boolean {
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
