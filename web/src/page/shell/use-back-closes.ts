/** On a phone, Back closes what lies above the list: what is open has an entry of its own in the history, with the same address. */
import { createContext, useContext, useEffect, useRef } from 'react';

/** Otherwise it is in an app, to which the address and the history belong. */
export const OnPage = createContext(false);

/** What closes each that is open, that which was opened last at the end. */
const open: (() => void)[] = [];
/** Whether the browser is on its way back, which takes some time: what is opened meanwhile gets its entry afterwards. */
let isOnWay = false;
let isFollowed = false;

/** How many were open when the browser made the entry at which it is. */
const layers = (): number => history.state?.layers ?? 0;

function enterThose(): void {
  while (!isOnWay && layers() < open.length) {
    pushEntry({ layers: layers() + 1, above: location.href });
  }
}

/** One may scroll before the step back. The browser would go to where it was opened. */
export function pushEntry(state: object, address?: string): void {
  history.scrollRestoration = 'manual';
  history.pushState({ ...history.state, ...state }, '', address);
  history.scrollRestoration = 'auto';
}

/** Leaves the entries of what is closed, one after the other. */
function leaveOthers(): void {
  if (isOnWay || layers() <= open.length) return;
  isOnWay = history.state.above === location.href;
  if (isOnWay) history.back();
  // What was searched for meanwhile has taken the entry: a step back would undo the search.
  else history.replaceState({ ...history.state, layers: open.length }, '');
}

/** Browsers scroll some frames after `popstate`. */
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

/** @param onBack Closes it. Where it is closed otherwise, its entry goes too. */
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
    // What a reload has closed still has its entry.
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
      // What is opened in the same moment takes its entry.
      queueMicrotask(leaveOthers);
    };
  }, [isPage, isOpen]);
}
