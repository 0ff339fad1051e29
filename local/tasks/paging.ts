import { invalidArgument } from './rpc-error.ts';

export interface Page<Item> {
  items: Item[];
  /** Empty after the last page. */
  nextPageToken: string;
}

/**
 * One page of things that are listed by name. The token is the last name of the page before, so a
 * listing neither skips nor repeats what stays, however much comes and goes meanwhile.
 *
 * @param list What follows the name `after`, at most `limit` of them.
 * @throws {RpcError} INVALID_ARGUMENT for a negative size or a token that is not ours.
 */
export function page<Item extends { name: string }>(
  { pageSize, pageToken }: { pageSize?: number | null; pageToken?: string | null },
  maxPageSize: number,
  list: (after: string, limit: number) => Item[],
): Page<Item> {
  const size = Math.min(pageSize || maxPageSize, maxPageSize);
  if (size < 0) throw invalidArgument('page_size must not be negative.');
  const after = Buffer.from(pageToken ?? '', 'base64url').toString('utf8');
  if (pageToken && !after.startsWith('projects/')) {
    throw invalidArgument('page_token is not one that this method returned.');
  }
  const found = list(after, size + 1);
  const items = found.slice(0, size);
  const last = found.length > size ? items.at(-1) : undefined;
  return { items, nextPageToken: last ? Buffer.from(last.name).toString('base64url') : '' };
}
