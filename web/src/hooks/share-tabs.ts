import type { MediaClient } from '../client/index.ts';
import { storeOf } from './store.ts';
import { Tabs } from './tabs.ts';

/**
 * Lets all tabs of a browser share one event stream, and show at once the files that one of them sends and deletes. Without Web
 * Locks, as on a page that came by plain http, each tab has a stream of its own.
 * @param userId the signed-in user. Tabs of another user share nothing with this one.
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
  // On pages without https, `locks` is undefined, although the types promise it.
  const { locks }: { locks?: LockManager } = navigator;
  if (!locks || typeof BroadcastChannel === 'undefined') return () => undefined;
  return storeOf(client).share(async (events) => new Tabs(`media-analysis-1 ${userId}`, events));
}
