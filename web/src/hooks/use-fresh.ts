/** Keeps what is looked at closely up to date, also after the work on it has ended. */
import { useEffect } from 'react';
import { MediaClientError } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';

/**
 * Asks for a media at first, and each time that the person comes back to the page: an app need not follow what another
 * device does with a media that is completed, and the page cannot everywhere. One that was deleted is gone then.
 */
export function useFresh(id: string): void {
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
      // An earlier request may have been answered before what one comes back from.
      ends.abort();
      ends = new AbortController();
      void ask(ends.signal);
    };
    look();
    addEventListener('focus', look);
    addEventListener('online', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      ends.abort();
      removeEventListener('focus', look);
      removeEventListener('online', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [client, cache, id]);
}
