/** Values that only a browser knows, for components that a server may draw first: both must begin the same way. */
import { useSyncExternalStore } from 'react';

const nothing = () => undefined;
/** Subscribes to a value that never changes. */
export const never = () => nothing;

/** @returns undefined on a server, and in the first render of a page that a server has drawn */
export const useInBrowser = <T>(read: () => T): T | undefined =>
  useSyncExternalStore<T | undefined>(never, read, nothing);

const watchLine = (onChange: () => void) => {
  const ends = new AbortController();
  for (const event of ['online', 'offline']) addEventListener(event, onChange, ends);
  return () => ends.abort();
};

/** Whether the browser knows that it is offline. A browser that says it is online may have no connection either. */
export const useIsOffline = (): boolean =>
  useSyncExternalStore(
    watchLine,
    () => navigator.onLine === false,
    () => false,
  );
