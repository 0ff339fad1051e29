import { useEffect, useState } from 'react';
import { networkError } from '../../client/index.ts';
import { retryImport } from '../../hooks/retry-import.ts';

interface Loaded {
  parts?: typeof import('./media-parts.ts');
  error?: unknown;
}

/**
 * Parts that are loaded after the first picture, or as soon as possible after that.
 * @param hasMedia An empty page does without them at first.
 * @param isAtOnce They do not wait for a picture.
 * @param opened What the user has opened. When it changes, a failed load is tried again.
 */
export function useMediaParts(hasMedia: boolean, isAtOnce: boolean, opened?: string): Loaded {
  const isPictured = useFirstPicture(hasMedia);
  const [loaded, setLoaded] = useState<Loaded>({});
  const isMissing = !loaded.parts && (isAtOnce || (hasMedia && isPictured));
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each thing that is opened, it is tried again
  useEffect(() => {
    if (!isMissing) return;
    setLoaded({});
    const ends = new AbortController();
    const load = () =>
      import('./media-parts.ts').catch((cause: unknown) => {
        setLoaded({ error: networkError(cause) });
        throw cause;
      });
    retryImport(load, ends).then(
      (parts) => setLoaded({ parts }),
      () => undefined,
    );
    return () => ends.abort();
  }, [isMissing, opened]);
  return loaded;
}

/** The longest wait: there may be no picture, or none may load. */
const MOST_MS = 2_500;

/** @returns true once the first picture of the list has loaded or failed, or after the longest wait */
export function useFirstPicture(isAwaited: boolean): boolean {
  const [isThere, setIsThere] = useState(false);
  const isWaiting = isAwaited && !isThere;
  useEffect(() => {
    if (!isWaiting) return;
    const ends = new AbortController();
    const end = () => setIsThere(true);
    const look = ({ target }: Event) => target instanceof HTMLImageElement && end();
    // These events of a picture do not bubble.
    const options = { capture: true, signal: ends.signal };
    document.addEventListener('load', look, options);
    document.addEventListener('error', look, options);
    const timer = setTimeout(end, MOST_MS);
    return () => {
      clearTimeout(timer);
      ends.abort();
    };
  }, [isWaiting]);
  return isThere;
}
