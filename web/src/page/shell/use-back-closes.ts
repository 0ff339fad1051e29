/** On a phone, Back closes what lies above the list: an open view has its own history entry, with the same address. */
import { createContext, useContext, useEffect, useRef } from 'react';

/** False in an app, which owns the address and the history. */
export const OnPage = createContext(false);

/** The functions that close the open views, the last opened at the end. */
const open: (() => void)[] = [];
/** Whether the browser is going back, which takes some time: views opened meanwhile get their entries afterwards. */
let isOnWay = false;
let isFollowed = false;

/** How many views were open when the current entry was made. */
const layers = (): number => history.state?.layers ?? 0;

function enterThose(): void {
  while (!isOnWay && layers() < open.length) {
    pushEntry({ layers: layers() + 1, above: location.href });
  }
}

/** The user may scroll before the step back. The browser would undo that. */
export function pushEntry(state: object, address?: string): void {
  history.scrollRestoration = 'manual';
  history.pushState({ ...history.state, ...state }, '', address);
  history.scrollRestoration = 'auto';
}

/** Leaves the entries of closed views, one after the other. */
function leaveOthers(): void {
  if (isOnWay || layers() <= open.length) return;
  isOnWay = history.state.above === location.href;
  if (isOnWay) history.back();
  // A search has replaced the entry meanwhile: a step back would undo the search.
  else history.replaceState({ ...history.state, layers: open.length }, '');
}

/** Browsers restore the scroll position some frames after `popstate`. */
const SCROLLED_MS = 200;

function follow(): void {
  setTimeout(() => {
    history.scrollRestoration = 'auto';
  }, SCROLLED_MS);
  if (isOnWay) {
    isOnWay = false;
    enterThose();
  } else for (const close of open.splice(layers()).reverse()) close();
  leaveOthers();
}

/** @param onBack Closes the view. If it is closed otherwise, its entry goes too. */
export function useBackCloses(isOpen: boolean, onBack: () => void): void {
  const isPage = useContext(OnPage);
  const latest = useRef(onBack);
  useEffect(() => {
    latest.current = onBack;
  });
  useEffect(() => {
    if (!isPage || isFollowed) return;
    isFollowed = true;
    addEventListener('popstate', follow);
    // A view that a reload has closed still has its entry.
    leaveOthers();
  }, [isPage]);
  useEffect(() => {
    if (!isPage || !isOpen) return;
    const own = () => latest.current();
    open.push(own);
    enterThose();
    return () => {
      const place = open.indexOf(own);
      // Otherwise Back has closed it.
      if (place >= 0) open.splice(place, 1);
      // A view opened at the same moment takes its entry.
      queueMicrotask(leaveOthers);
    };
  }, [isPage, isOpen]);
}
