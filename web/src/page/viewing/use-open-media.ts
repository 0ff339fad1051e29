/** Which media is open in full view. The page's address has it: `?media=ID` is a link to it, and Back closes it. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { pushEntry } from '../shell/use-back-closes.ts';

const idInAddress = () => new URLSearchParams(location.search).get('media') ?? undefined;

function addressOf(id: string | undefined): string {
  const url = new URL(location.href);
  if (id === undefined) url.searchParams.delete('media');
  else url.searchParams.set('media', id);
  return url.href;
}

/** @param isPage If not, an app owns the address, and it is left alone. */
export function useOpenMedia(isPage: boolean) {
  const [openId, setOpenId] = useState(isPage ? idInAddress : undefined);
  /** The open media, or the last one that was open. */
  const [lastId, setLastId] = useState(openId);
  if (openId !== undefined && openId !== lastId) setLastId(openId);
  // The address changes some time after the step back, and a second step would leave the page.
  const isGoingBack = useRef(false);
  useEffect(() => {
    if (!isPage) return;
    const follow = () => {
      isGoingBack.current = false;
      setOpenId(idInAddress());
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [isPage]);
  const open = useCallback(
    (id: string) => {
      setOpenId(id);
      if (!isPage) return;
      // Another media replaces the open one, so that one step back leads to the list.
      if (idInAddress() === undefined) {
        pushEntry({ isFromList: true }, addressOf(id));
      } else history.replaceState(history.state, '', addressOf(id));
    },
    [isPage],
  );
  const close = useCallback(() => {
    if (isPage && idInAddress() !== undefined) {
      if (history.state?.isFromList) {
        if (!isGoingBack.current) history.back();
        isGoingBack.current = true;
        return;
      }
      // A link opened the media: one step back is another page.
      history.replaceState(null, '', addressOf(undefined));
    }
    setOpenId(undefined);
  }, [isPage]);
  return { openId, lastId, open, close };
}
