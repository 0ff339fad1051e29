/** The client that the hooks use. */
import type { QueryClient } from '@tanstack/react-query';
import { createContext, createElement, type ReactNode, useContext, useEffect } from 'react';
import { browserWakeUps } from '../client/clock.ts';
import type { MediaClient } from '../client/index.ts';
import { onWakeUp, queriesOf } from './queries.ts';
import { type MediaCache, storeOf } from './store.ts';

const MediaClientContext = createContext<MediaClient | undefined>(undefined);

interface MediaClientProviderProps {
  /** From `createMediaClient`. */
  value: MediaClient;
  /** The app. */
  children?: ReactNode;
}

/**
 * Gives a client to all hooks below it. Put it around the app, once.
 * @example
 * import { MediaClientProvider, PhotoUpload } from '@media-analysis/react';
 *
 * export const App = () => (
 *   <MediaClientProvider value={client}>
 *     <PhotoUpload onFiles={show} />
 *   </MediaClientProvider>
 * );
 */
export function MediaClientProvider({ value, children }: MediaClientProviderProps) {
  useEffect(() => browserWakeUps.subscribe(() => onWakeUp.get(value)?.()), [value]);
  return createElement(MediaClientContext.Provider, { value }, children);
}

/**
 * The client of the `MediaClientProvider` around this component, for calls that have no hook.
 * @throws {Error} if there is no `MediaClientProvider`
 * @example
 * const client = useMediaClient();
 * const showCost = () => client.usage().then(show);
 */
export function useMediaClient(): MediaClient {
  const client = useContext(MediaClientContext);
  if (!client) throw new Error('Put a <MediaClientProvider value={client}> around this component.');
  return client;
}

export const useMediaCache = (): MediaCache => storeOf(useMediaClient());

export const useQueryCache = (): QueryClient => queriesOf(useMediaClient());
