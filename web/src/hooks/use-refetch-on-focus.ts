/** Keeps a media that the user looks at up to date, also after the work on it has ended. */
import { useEffect } from 'react';
import { MediaClientError } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';

/**
 * Reads a media at first, and each time that the user comes back to the page. No stream reports the changes that another device
 * makes to a completed media, except with `useLiveLibrary`. If the media was deleted, it is then gone.
 */
export function useRefetchOnFocus(id: string): void {
  const client = useMediaClient();
  const cache = useMediaCache();
  useEffect(() => {
    let ends = new AbortController();
    const ask = async (signal: AbortSignal) => {
      try {
        cache.tell(await client.get(id, { signal }));
      } catch (error) {
        if (error instanceof MediaClientError && error.code === 'not_found') cache.drop(id);
      }
    };
    const look = () => {
      if (document.visibilityState !== 'visible') return;
      // The answer to an earlier request may be older than the change that the user comes back from.
      ends.abort();
      ends = new AbortController();
      void ask(ends.signal);
    };
    look();
    const stop = new AbortController();
    for (const event of ['focus', 'online', 'visibilitychange'])
      addEventListener(event, look, { signal: stop.signal });
    return () => {
      ends.abort();
      stop.abort();
    };
  }, [client, cache, id]);
}
