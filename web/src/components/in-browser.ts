/** What only a browser knows, for components that a server may have drawn first: both have to begin with the same picture. */
import { useSyncExternalStore } from 'react';

const nothing = () => undefined;
/** Subscribes to a value that never changes. */
export const never = () => nothing;

/** @returns undefined on a server, and in the first picture of what a server has drawn */
export const useInBrowser = <T>(read: () => T): T | undefined =>
  useSyncExternalStore<T | undefined>(never, read, nothing);
