/** Which media are meant while a search is open: all that it finds, even those that the page has not loaded. */

import { withToday } from '@media-analysis/shared/with-today';
import { type MediaClient, MediaClientError, type MediaFilters } from '../../client/index.ts';

/** The most that one request may name: `MAX_REANALYSIS_IDS` of the service. */
export const MOST_AT_ONCE = 1_000;
/** The most that the service returns at once. */
const PAGE = 100;

/** @throws {MediaClientError} also `not_found`, if the search finds nothing any more */
export async function foundBy(
  client: Pick<MediaClient, 'search'>,
  filters: MediaFilters,
): Promise<string[]> {
  const ids = new Set<string>();
  let pageToken: string | undefined;
  do {
    const by = { limit: PAGE, ...(pageToken !== undefined && { pageToken }) };
    const page = await client.search(withToday(filters), by);
    for (const { id } of page.media) ids.add(id);
    pageToken = page.next_page_token;
  } while (pageToken !== undefined && ids.size < MOST_AT_ONCE);
  if (ids.size === 0)
    throw new MediaClientError('not_found', 'The search finds nothing any more.', { status: 0 });
  return [...ids].slice(0, MOST_AT_ONCE);
}
