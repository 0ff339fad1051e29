/** The address of a picture for an element, with or without tokens. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { MediaClientError, Rendition } from '../client/index.ts';
import { useMediaClient } from './context.ts';
import { shownError } from './queries.ts';

/** Returned by `useMediaUrl`. */
export interface MediaUrl {
  /** For `src` or `href`; undefined until it is known. */
  url: string | undefined;
  /** Pass this to the element's `onError`. A signed address works for minutes only: this gets a new one, once. */
  onError: () => void;
  /** Why there is no address; undefined otherwise. */
  error: MediaClientError | undefined;
  /** Asks for the address again. */
  tryAgain: () => void;
}

/**
 * The address of a media's picture, signed if the client uses tokens.
 * @param id undefined or null while there is nothing to show
 * @param rendition `preview`: a small upright JPEG of a photo. `small`: a smaller JPEG for a tile. `binned`: the preview of a photo
 * in the bin. `content`: the original. `download`: the original as a file
 * @example
 * const { url, onError } = useMediaUrl(id, 'preview');
 * const picture = url && <img src={url} alt="" onError={onError} />;
 */
export function useMediaUrl(id: string | undefined | null, rendition: Rendition): MediaUrl {
  const client = useMediaClient();
  const plain = id == null ? undefined : client.plainUrl(id, rendition);
  const [resolved, setResolved] = useState<{
    id: string;
    url?: string;
    error?: MediaClientError | undefined;
  }>();
  const resolve = useCallback(
    (signal?: AbortSignal) => {
      if (id == null || plain !== undefined) return;
      client.resolveUrl(id, rendition, { signal }).then(
        (url) => setResolved({ id, url }),
        (error: unknown) => signal?.aborted || setResolved({ id, error: shownError(error) }),
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
  const tryAgain = useCallback(() => {
    setResolved(undefined);
    resolve();
  }, [resolve]);
  const own = resolved?.id === id ? resolved : undefined;
  return { url: plain ?? own?.url, onError, error: own?.error, tryAgain };
}
