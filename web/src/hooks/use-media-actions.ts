/** The actions of a user on their media. */
import { useMemo } from 'react';
import { useMediaCache, useMediaClient } from './context.ts';

/** What `useMediaActions` returns. */
export interface MediaActions {
  /**
   * Starts a failed media again. Its bytes are not sent again.
   * @throws {MediaClientError} `not_retryable` if the media has not failed, or would fail again
   */
  retry: (id: string) => Promise<void>;
  /**
   * Cancels the work on a media, and deletes its record and its bytes.
   * @throws {MediaClientError}
   */
  remove: (id: string) => Promise<void>;
}

/**
 * Functions that change media. All hooks of the same client show the change at once.
 * @example
 * ```tsx
 * import { useMediaActions } from '@media-analysis/web/hooks';
 *
 * export function Actions({ id, onError }: { id: string; onError: (error: unknown) => void }) {
 *   const { retry, remove } = useMediaActions();
 *   return (
 *     <>
 *       <button onClick={() => retry(id).catch(onError)}>Try again</button>
 *       <button onClick={() => remove(id).catch(onError)}>Delete</button>
 *     </>
 *   );
 * }
 * ```
 */
export function useMediaActions(): MediaActions {
  const client = useMediaClient();
  const store = useMediaCache();
  return useMemo(
    () => ({
      async retry(id) {
        store.put(await client.retry(id));
      },
      async remove(id) {
        await client.remove(id);
        store.drop(id);
      },
    }),
    [client, store],
  );
}
