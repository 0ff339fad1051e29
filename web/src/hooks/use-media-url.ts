/** An address of a picture that an element can use, with or without tokens. */
import { useCallback, useEffect, useState } from 'react';
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
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try is another request
  useEffect(() => {
    if (id === undefined || plain !== undefined) return;
    const stop = new AbortController();
    client.resolveUrl(id, rendition, { signal: stop.signal }).then(
      (url) => setResolved({ id, url }),
      // Without an address the placeholder stays.
      () => undefined,
    );
    return () => stop.abort();
  }, [client, id, rendition, plain, tries]);
  const onError = useCallback(() => setTries((count) => Math.min(count + 1, 1)), []);
  return { url: plain ?? (resolved?.id === id ? resolved?.url : undefined), onError };
}
