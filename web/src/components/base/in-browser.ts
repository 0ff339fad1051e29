/** What only a browser knows, for components that a server may have drawn first: both have to begin with the same picture. */
import { useSyncExternalStore } from 'react';

const nothing = () => undefined;
/** Subscribes to a value that never changes. */
export const never = () => nothing;

/** @returns undefined on a server, and in the first picture of what a server has drawn */
export const useInBrowser = <T>(read: () => T): T | undefined =>
  useSyncExternalStore<T | undefined>(never, read, nothing);

const watchLine = (onChange: () => void) => {
  const ends = new AbortController();
  for (const event of ['online', 'offline']) addEventListener(event, onChange, ends);
  return () => ends.abort();
};

/** Whether the browser itself knows that it has no line. One that says it has may have none all the same. */
export const useIsOffline = (): boolean =>
  useSyncExternalStore(
    watchLine,
    () => navigator.onLine === false,
    () => false,
  );
