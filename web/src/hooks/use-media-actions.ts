import { useMemo } from 'react';
import type { AnalysisName, MediaClient } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';

type AskInput = NonNullable<Parameters<MediaClient['ask']>[2]>['input'];

/** Returned by `useMediaActions`. Its functions throw `MediaClientError`s: `not_ready` while the media is worked on. */
export interface MediaActions {
  /** Starts a failed media again without sending its bytes. Throws `not_retryable` if it has not failed, or would fail again. */
  retry: (id: string) => Promise<void>;
  /** Has one more analysis made of a stored media, or makes one again. The present answer stays until there is a new one. */
  ask: (id: string, name: AnalysisName, input?: AskInput, language?: string) => Promise<void>;
  /** Brings an earlier result back, by its id. The present answer becomes an earlier one. */
  restore: (id: string, resultId: string) => Promise<void>;
  /** Cancels the work on a media, and moves it to the bin, or erases it. Removing a deleted media is no error. */
  remove: (
    id: string,
    options?: {
      /** True: erases the media, and nobody can bring it back. */
      permanently?: boolean | undefined;
    },
  ) => Promise<void>;
}

/**
 * Functions that change media. All hooks of the same client show the change at once.
 * @example
 * const { ask } = useMediaActions();
 * const readReceipt = () => ask(id, 'receipt').catch(show);
 */
export function useMediaActions(): MediaActions {
  const client = useMediaClient();
  const store = useMediaCache();
  return useMemo(
    () => ({
      retry: async (id) => store.tell(await client.retry(id)),
      ask: async (id, name, input, language) =>
        store.tell(await client.ask(id, name, { ...(input && { input }), language })),
      restore: async (id, resultId) => store.tell(await client.restore(id, resultId)),
      async remove(id, options) {
        await client.remove(id, options);
        store.drop(id);
      },
    }),
    [client, store],
  );
}
