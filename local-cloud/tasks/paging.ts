import { invalidArgument } from '../base/rpc-error.ts';

export interface Page<Item> {
  items: Item[];
  /** Empty after the last page. */
  nextPageToken: string;
}

/**
 * One page of a list that is sorted by name. The token is the last name of the previous page. So a listing neither skips nor
 * repeats entries that stay, even if others are added or removed meanwhile.
 * @param list returns at most `limit` entries after the name `after`
 * @throws {RpcError} INVALID_ARGUMENT for a negative size or a token that this server did not issue
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
