import { useEffect, useState } from 'react';
import { networkError } from '../../client/index.ts';
import { retryImport } from '../../hooks/retry-import.ts';
import { useFirstPicture } from './use-first-picture.ts';

type MediaParts = typeof import('./media-parts.ts');

interface Loaded {
  parts?: MediaParts | undefined;
  error?: unknown;
}

/**
 * The full view, and what is needed for analysing again, for acting on many, for the bin and to show what other devices do. They are
 * loaded after the first picture, or as soon as they can be had.
 * @param hasMedia An empty page does without them at first.
 * @param isAtOnce They are not to wait for a picture.
 * @param opened What the user has opened. For each, what has failed is asked for again.
 */
export function useMediaParts(
  hasMedia: boolean,
  isAtOnce: boolean,
  opened: string | undefined,
): Loaded {
  const isPictured = useFirstPicture(hasMedia);
  const [{ parts, error }, setLoaded] = useState<Loaded>({});
  const isMissing = !parts && (isAtOnce || (hasMedia && isPictured));
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each thing that is opened, it is tried again
  useEffect(() => {
    if (!isMissing) return;
    setLoaded({});
    const ends = new AbortController();
    const load = async () => {
      try {
        return await import('./media-parts.ts');
      } catch (cause) {
        setLoaded({ error: networkError(cause) });
        throw cause;
      }
    };
    // React must not take the module for a function that makes the next state.
    retryImport(load, ends).then(
      (loaded) => setLoaded({ parts: loaded }),
      () => undefined,
    );
    return () => ends.abort();
  }, [isMissing, opened]);
  return { parts, error };
}
