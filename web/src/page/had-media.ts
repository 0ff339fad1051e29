/** Whether there was something when the page was open last. The browser remembers it, so that the next page begins in that shape. */
import { useEffect, useState } from 'react';
import { readList, writeList } from './remembered-list.ts';

const KEY = 'media-analysis-had-media';

// It throws where the browser's settings forbid it.
const browserStorage = () => globalThis.localStorage;

/** @param hasMedia undefined: not known yet */
export function useHadMedia(hasMedia: boolean | undefined): boolean {
  const [hadMedia] = useState(() => readList(KEY, browserStorage).length > 0);
  useEffect(() => {
    if (hasMedia !== undefined) writeList(KEY, hasMedia ? ['yes'] : [], browserStorage);
  }, [hasMedia]);
  return hadMedia;
}
