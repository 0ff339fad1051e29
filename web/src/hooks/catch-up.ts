/** Reads the list of a user, for what a page has missed. */
import type { Media, MediaClient } from '../client/index.ts';

const PAGE = 100;
/** Of a device that has sent more meanwhile, the rest is seen when the page is loaded anew. */
const MOST_PAGES = 20;

/**
 * Reads the list from its beginning until it is older than what the page had read before. That a page of it has a known media is
 * not enough: what was sent here, or told by a stream, since then stands above what was missed.
 * @param since When what it has read last was made. Absent: it had read nothing.
 */
export async function readNews(
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
