/** What an owner can do with their media. */
import { useMemo } from 'react';
import { useMediaClient, useMediaStore } from './context.ts';

export interface MediaActions {
  /** Puts a failed media back to work. @throws {MediaClientError} */
  retry: (id: string) => Promise<void>;
  /** Deletes a media and all that is stored of it. @throws {MediaClientError} */
  remove: (id: string) => Promise<void>;
}

export function useMediaActions(): MediaActions {
  const client = useMediaClient();
  const store = useMediaStore();
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
