import { useEffect, useState } from 'react';
import { networkError } from '../client/index.ts';

type MediaParts = typeof import('./media-parts.ts');

interface Loaded {
  parts?: MediaParts | undefined;
  error?: unknown;
}

/**
 * The full view, and what is needed for analysing again, for acting on many and for the bin. An empty page does without them, so they are loaded
 * with the first media.
 * @param opened what the user has opened: if they were not loaded before, they are asked for again
 */
export function useMediaParts(hasMedia: boolean, opened: string | undefined): Loaded {
  const [{ parts, error }, setLoaded] = useState<Loaded>({});
  const isMissing = hasMedia && !parts;
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each thing that is opened, it is tried again
  useEffect(() => {
    if (!isMissing) return;
    setLoaded({});
    import('./media-parts.ts').then(
      // React must not take the module for a function that makes the next state.
      (loaded) => setLoaded({ parts: loaded }),
      (cause: unknown) => setLoaded({ error: networkError(cause) }),
    );
  }, [isMissing, opened]);
  return { parts, error };
}
