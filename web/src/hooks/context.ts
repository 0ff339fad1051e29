/** Which client the hooks use. */
import { createContext, useContext } from 'react';
import type { MediaClient } from '../client/index.ts';
import { type MediaStore, storeOf } from './store.ts';

const MediaClientContext = createContext<MediaClient | undefined>(undefined);

/** Gives all hooks below it a client. */
export const MediaClientProvider = MediaClientContext.Provider;

/** @throws outside of a `MediaClientProvider` */
export function useMediaClient(): MediaClient {
  const client = useContext(MediaClientContext);
  if (!client) throw new Error('Put a <MediaClientProvider value={client}> around this component.');
  return client;
}

export function useMediaStore(): MediaStore {
  return storeOf(useMediaClient());
}
