/** What only a browser knows, for components that a server may have drawn first: both have to begin with the same picture. */
import { useSyncExternalStore } from 'react';

/** Of what never changes. */
export const never = () => () => undefined;

const no = () => false;

/** @returns false on a server, and in the first picture of what a server has drawn */
export const useInBrowser = (read: () => boolean): boolean => useSyncExternalStore(never, read, no);
