/** The address of a picture for an element, with or without tokens. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import type { Rendition } from '../client/index.ts';
import { useMediaClient, useQueryCache } from './context.ts';

/** Returned by `useMediaUrl`. */
export interface MediaUrl {
  /** For `src` or `href`; undefined until it is known. */
  url: string | undefined;
  /** Pass this to the element's `onError`. A signed address works for minutes only: this gets a new one, once. */
  onError: () => void;
  /** The `MediaClientError` if there is no address; undefined otherwise. It is asked for again as the lists of media are. */
  error: unknown;
  /** Asks for the address again. */
  tryAgain: () => void;
}

/**
 * The address of a media's picture, signed if the client uses tokens.
 * @param id undefined while there is nothing to show
 * @param rendition `preview` for a small upright JPEG of a photo, `binned` for the preview of a photo in the bin, `content` for
 * the original, `download` for the original as a file
 * @example
 * const { url, onError } = useMediaUrl(id, 'preview');
 * const picture = url && <img src={url} alt="" onError={onError} />;
 */
export function useMediaUrl(id: string | undefined, rendition: Rendition): MediaUrl {
  const client = useMediaClient();
  const plain = id === undefined ? undefined : client.plainUrl(id, rendition);
  const { data, failureReason, refetch } = useQuery(
    {
      queryKey: ['url', id, rendition],
      queryFn: ({ signal }) => client.resolveUrl(id ?? '', rendition, { signal }),
      enabled: id !== undefined && plain === undefined,
    },
    useQueryCache(),
  );
  const tryAgain = useCallback(() => void refetch(), [refetch]);
  const failed = useRef<string>(undefined);
  const onError = useCallback(() => {
    if (id === undefined || plain !== undefined || failed.current === id) return;
    failed.current = id;
    tryAgain();
  }, [id, plain, tryAgain]);
  const own = failureReason === null ? data : undefined;
  return { url: plain ?? own, onError, error: failureReason ?? undefined, tryAgain };
}
