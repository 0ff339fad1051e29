/** Remembers in the browser that the library had media, so that the next page begins with its layout. */
import { useEffect, useState } from 'react';
import { readList, writeList } from '../library/remembered-list.ts';

const KEY = 'media-analysis-had-media';

/** @param hasMedia undefined while it is not known */
export function useHasMediaCache(hasMedia: boolean | undefined): boolean {
  const [hadMedia] = useState(() => readList(KEY).length > 0);
  useEffect(() => {
    if (hasMedia !== undefined) writeList(KEY, hasMedia ? ['yes'] : []);
  }, [hasMedia]);
  return hadMedia;
}
