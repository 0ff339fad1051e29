/** Reads the part of the user's list that the page has missed. */
import type { Media, MediaClient } from '../client/index.ts';

const PAGE = 100;
/** If another device has sent more than this, the rest is seen when the page is loaded anew. */
const MOST_PAGES = 20;

/**
 * Reads the list from its beginning until it is older than the last media that the page has read. A known media in a page does
 * not end it: media that were sent here, or came by a stream, stand above the missed ones.
 * @param since creation time of the newest media that the page has read; undefined if it has read none
 */
export async function readMissedMedia(
  client: MediaClient,
  since: string | undefined,
  signal: AbortSignal,
): Promise<Media[]> {
  const read = new Map<string, Media>();
  let pageToken: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await client.list({ signal, limit: PAGE, ...(pageToken && { pageToken }) });
    for (const media of page.media) read.set(media.id, media);
    pageToken = page.next_page_token;
    const oldest = page.media.at(-1)?.created_at;
    if (pageToken === undefined || (since && oldest && oldest < since)) break;
  }
  return [...read.values()];
}
