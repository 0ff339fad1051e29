import { type Deleted, type MediaClient, MediaClientError } from '../../client/index.ts';
import type { Library } from '../../hooks/index.ts';
import { stageOf } from '../../hooks/progress.ts';
import type { MediaCache } from '../../hooks/store.ts';
import { libraryFor } from '../../hooks/use-library.ts';
import { isWaiting } from '../library/entries.ts';

/** @returns the media that were not changed; undefined: none. `not_found` is no error: somebody was faster. */
export function leftOf({ failed }: Pick<Deleted, 'failed'>) {
  const left = failed.filter(({ code }) => code !== 'not_found');
  const [first] = left;
  return (
    first && {
      error: new MediaClientError(first.code, first.message, { status: 0 }),
      ids: left.map(({ media_id }) => media_id),
    }
  );
}

/** @throws {MediaClientError} if nothing was done */
export async function moveToBin(library: Pick<Library, 'remove'>, those: readonly string[]) {
  const answer = await library.remove(those);
  return { ids: answer.media_ids, left: leftOf(answer) };
}

/**
 * Moves the waiting media of a batch to the bin. Another try may come after some are moved. The last come first: the
 * places of the first would be given to others of the batch.
 * @param onMoved Called with the media that are in the bin, also before an error.
 */
export async function binRest(
  client: MediaClient,
  store: MediaCache,
  waiting: readonly string[],
  onMoved: (...ids: readonly string[]) => void,
): Promise<void> {
  const still = waiting.filter((id) => {
    const media = store.get(id);
    return isWaiting({ media, stage: stageOf(undefined, media) });
  });
  const { ids, left } = await moveToBin(libraryFor(client, store), still.reverse());
  onMoved(...ids);
  if (left) throw left.error;
}
