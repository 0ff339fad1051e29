import { useEffect, useState } from 'react';

/** There may be no picture, or none may come. */
const MOST_MS = 2_500;

/** @returns true once the first picture of the list is there, or has failed, or was waited for long enough */
export function useFirstPicture(isAwaited: boolean): boolean {
  const [isThere, setIsThere] = useState(false);
  const isWaiting = isAwaited && !isThere;
  useEffect(() => {
    if (!isWaiting) return;
    const end = () => setIsThere(true);
    const look = ({ target }: Event) => target instanceof HTMLImageElement && end();
    // These events of a picture do not bubble.
    document.addEventListener('load', look, true);
    document.addEventListener('error', look, true);
    const timer = setTimeout(end, MOST_MS);
    return () => {
      document.removeEventListener('load', look, true);
      document.removeEventListener('error', look, true);
      clearTimeout(timer);
    };
  }, [isWaiting]);
  return isThere;
}
