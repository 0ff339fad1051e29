/** Remembers in the browser that the library had media, so that the next page begins with its layout. */
import { useEffect, useState } from 'react';
import { readList, writeList } from '../library/remembered-list.ts';

const KEY = 'media-analysis-had-media';

// It throws where the browser's settings forbid it.
const browserStorage = () => globalThis.localStorage;

/** @param hasMedia undefined while it is not known */
export function useHasMediaCache(hasMedia: boolean | undefined): boolean {
  const [hadMedia] = useState(() => readList(KEY, browserStorage).length > 0);
  useEffect(() => {
    if (hasMedia !== undefined) writeList(KEY, hasMedia ? ['yes'] : [], browserStorage);
  }, [hasMedia]);
  return hadMedia;
}
