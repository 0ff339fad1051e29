import { useMemo } from 'react';
import type { AnalysisName, MediaClient } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';

type AskInput = NonNullable<Parameters<MediaClient['ask']>[2]>['input'];

/** Returned by `useMediaActions`. */
export interface MediaActions {
  /**
   * Starts a failed media again. Its bytes are not sent again.
   * @throws {MediaClientError} `not_retryable` if the media has not failed, or would fail again
   */
  retry: (id: string) => Promise<void>;
  /**
   * Has one more analysis made of a stored media, or makes one again. The present answer stays until there is a new one.
   * @throws {MediaClientError} `not_ready` while the media is worked on
   */
  ask: (id: string, name: AnalysisName, input?: AskInput, language?: string) => Promise<void>;
  /**
   * Brings an earlier result back, by its id. The present answer becomes an earlier one.
   * @throws {MediaClientError} `not_ready` while the media is worked on
   */
  restore: (id: string, resultId: string) => Promise<void>;
  /**
   * Cancels the work on a media, and moves it to the bin, or erases it with `permanently`. Removing a deleted media is no error.
   * @throws {MediaClientError}
   */
  remove: (
    id: string,
    options?: {
      /** It cannot be brought back. */
      permanently?: boolean;
    },
  ) => Promise<void>;
}

/**
 * Functions that change media. All hooks of the same client show the change at once.
 * @example
 * ```tsx
 * import { useMediaActions } from '@media-analysis/react';
 *
 * export function Actions({ id, onError }: { id: string; onError: (error: unknown) => void }) {
 *   const { retry, ask, remove } = useMediaActions();
 *   return (
 *     <>
 *       <button onClick={() => retry(id).catch(onError)}>Try again</button>
 *       <button onClick={() => ask(id, 'receipt').catch(onError)}>Read the receipt</button>
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
        store.tell(await client.retry(id));
      },
      async ask(id, name, input, language) {
        store.tell(await client.ask(id, name, { ...(input && { input }), language }));
      },
      async restore(id, resultId) {
        store.tell(await client.restore(id, resultId));
      },
      async remove(id, options) {
        await client.remove(id, options);
        store.drop(id);
      },
    }),
    [client, store],
  );
}
