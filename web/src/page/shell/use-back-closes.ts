/**
 * On a phone, Back is how a person closes what lies above the list. What is open has an entry of its own in the browser's
 * history, with the same address.
 */
import { useEffect, useRef } from 'react';

/** What is open, that which was opened last at the end. */
const open: { close: () => void }[] = [];
/** Whether the browser is on its way back, which takes some time: what is opened meanwhile gets its entry afterwards. */
let isOnWay = false;

/** How many were open when the browser made the entry at which it is. */
const layers = (): number => history.state?.layers ?? 0;

function enterThose(): void {
  if (isOnWay) return;
  while (layers() < open.length) {
    // One may scroll while it is open. The browser would go to where it was opened.
    history.scrollRestoration = 'manual';
    history.pushState({ ...history.state, layers: layers() + 1, above: location.href }, '');
    history.scrollRestoration = 'auto';
  }
}

/** Leaves the entries of what is closed, one after the other. */
function leaveOthers(): void {
  if (isOnWay || layers() <= open.length) return;
  if (history.state.above === location.href) {
    isOnWay = true;
    history.back();
  } else {
    // What was searched for meanwhile has taken the entry: a step back would undo the search.
    history.replaceState({ ...history.state, layers: open.length }, '');
  }
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
  } else for (const { close } of open.splice(layers()).reverse()) close();
  leaveOthers();
}

let isFollowed = false;

/** What a reload has closed still has its entry. */
function begin(): void {
  if (isFollowed) return;
  isFollowed = true;
  addEventListener('popstate', follow);
  leaveOthers();
}

/**
 * @param isPage Otherwise the history belongs to an app, and is left alone.
 * @param onBack Closes it. Where it is closed otherwise, its entry goes too.
 */
export function useBackCloses(isPage: boolean, isOpen: boolean, onBack: () => void): void {
  const latest = useRef(onBack);
  useEffect(() => {
    latest.current = onBack;
  });
  useEffect(() => {
    if (isPage) begin();
  }, [isPage]);
  useEffect(() => {
    if (!isPage || !isOpen) return;
    const own = { close: () => latest.current() };
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
