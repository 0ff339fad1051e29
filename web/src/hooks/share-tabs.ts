import type { MediaClient } from '../client/index.ts';
import { storeOf } from './store.ts';
import { Tabs } from './tabs.ts';

/**
 * Lets all tabs of a browser share one event stream, and show at once what is sent and deleted in one of them. Where the browser
 * has no Web Locks, as on a page that came by plain http, each tab has a stream of its own.
 * @param userId Who is signed in. Tabs of another user share nothing with this one.
 * @returns a function that ends it, as for an effect
 * @example
 * ```tsx
 * import { shareTabs, useMediaClient } from '@media-analysis/react';
 * import { useEffect } from 'react';
 *
 * export function Tabs({ userId }: { userId: string }) {
 *   const client = useMediaClient();
 *   useEffect(() => shareTabs(client, userId), [client, userId]);
 *   return null;
 * }
 * ```
 */
export function shareTabs(client: MediaClient, userId: string): () => void {
  // On other pages than those by https, the types promise too much.
  const { locks }: { locks?: LockManager } = navigator;
  if (!locks || typeof BroadcastChannel === 'undefined') return () => undefined;
  return storeOf(client).share(async (events) => new Tabs(`media-analysis-1 ${userId}`, events));
}
