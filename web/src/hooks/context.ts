/** The client that the hooks use. */
import { createContext, useContext } from 'react';
import type { MediaClient } from '../client/index.ts';
import { type MediaCache, storeOf } from './store.ts';

const MediaClientContext = createContext<MediaClient | undefined>(undefined);

/**
 * Gives all hooks below it a client. Put it around the app, once.
 * @example
 * ```tsx
 * import { createMediaClient } from '@media-analysis/client';
 * import { MediaClientProvider } from '@media-analysis/react';
 * import type { ReactNode } from 'react';
 *
 * const client = createMediaClient();
 *
 * export const App = ({ children }: { children: ReactNode }) => (
 *   <MediaClientProvider value={client}>{children}</MediaClientProvider>
 * );
 * ```
 */
export const MediaClientProvider = MediaClientContext.Provider;

/**
 * The client of the `MediaClientProvider` around this component, for calls that have no hook.
 * @throws {Error} if there is no `MediaClientProvider`
 * @example
 * ```tsx
 * import { useMediaClient } from '@media-analysis/react';
 *
 * export function UsageButton() {
 *   const client = useMediaClient();
 *   const ask = async () => show((await client.usage()).cost_usd);
 *   return <button onClick={() => void ask()}>What did this month cost?</button>;
 * }
 * ```
 */
export function useMediaClient(): MediaClient {
  const client = useContext(MediaClientContext);
  if (!client) throw new Error('Put a <MediaClientProvider value={client}> around this component.');
  return client;
}

export function useMediaCache(): MediaCache {
  return storeOf(useMediaClient());
}
