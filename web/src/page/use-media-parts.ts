import { useEffect, useState } from 'react';
import { networkError } from '../client/errors.ts';

type MediaParts = typeof import('./media-parts.ts');

interface Loaded {
  parts?: MediaParts | undefined;
  error?: unknown;
}

/**
 * The full view, and what is needed for analysing again. An empty page does without them, so they are loaded
 * with the first media.
 * @param openId the media that the user has opened: if they were not loaded before, they are asked for again
 */
export function useMediaParts(hasMedia: boolean, openId: string | undefined): Loaded {
  const [{ parts, error }, setLoaded] = useState<Loaded>({});
  const isMissing = hasMedia && !parts;
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each media that is opened, it is tried again
  useEffect(() => {
    if (!isMissing) return;
    setLoaded({});
    import('./media-parts.ts').then(
      ({ Again, EarlierResults, MediaDetails }) =>
        setLoaded({ parts: { Again, EarlierResults, MediaDetails } }),
      (cause: unknown) => setLoaded({ error: networkError(cause) }),
    );
  }, [isMissing, openId]);
  return { parts, error };
}
