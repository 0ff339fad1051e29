/** An address of a picture that an element can use, with or without tokens. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Rendition } from '../client/index.ts';
import { useMediaClient } from './context.ts';

export interface MediaUrl {
  url: string | undefined;
  /** Give this to `onError`: a signed address lasts minutes only, so a fresh one is fetched, once. */
  onError: () => void;
}

/** @param id `undefined` while there is nothing to show yet. */
export function useMediaUrl(id: string | undefined, rendition: Rendition): MediaUrl {
  const client = useMediaClient();
  const plain = id === undefined ? undefined : client.plainUrl(id, rendition);
  const [resolved, setResolved] = useState<{ id: string; url: string }>();
  const resolve = useCallback(
    (signal?: AbortSignal) => {
      if (id === undefined || plain !== undefined) return;
      client.resolveUrl(id, rendition, { signal }).then(
        (url) => setResolved({ id, url }),
        // Without an address the placeholder stays.
        () => undefined,
      );
    },
    [client, id, rendition, plain],
  );
  useEffect(() => {
    const stop = new AbortController();
    resolve(stop.signal);
    return () => stop.abort();
  }, [resolve]);
  const failed = useRef<typeof resolve>(undefined);
  const onError = useCallback(() => {
    if (failed.current === resolve) return;
    failed.current = resolve;
    resolve();
  }, [resolve]);
  return { url: plain ?? (resolved?.id === id ? resolved?.url : undefined), onError };
}
