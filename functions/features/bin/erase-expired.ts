/** Erases media after their time in the bin. Each sweep erases some. The next one takes the rest, and those that failed. */
import type { QueryDocumentSnapshot } from '@google-cloud/firestore';
import { type ErasureDeps, eraseBinned } from './erase.ts';

const PAGE = 100;
/** So at most 500 media in five minutes. Nobody waits for them: they were deleted a month ago. */
const MAX_PAGES = 5;
const AT_A_TIME = 10;

/** @returns the number of erased media */
export async function eraseExpired(deps: ErasureDeps, maxPages = MAX_PAGES): Promise<number> {
  const { bin, logger } = deps;
  let erased = 0;
  let after: QueryDocumentSnapshot | undefined;
  for (let page = 0; page < maxPages; page++) {
    const { records, next } = await bin.due(PAGE, after);
    for (let start = 0; start < records.length; start += AT_A_TIME) {
      const some = records.slice(start, start + AT_A_TIME);
      const done = await Promise.allSettled(some.map((record) => eraseBinned(record, deps)));
      for (const [i, result] of done.entries()) {
        if (result.status === 'fulfilled') erased++;
        else logger.error({ media_id: some[i]?.id, error: result.reason }, 'not erased yet');
      }
    }
    if (next === undefined) break;
    after = next;
  }
  if (erased > 0) logger.info({ erased }, 'the time in the bin is over');
  return erased;
}
