/** Shows media live: many at once, or one. */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Media } from '../client/index.ts';
import { useMediaCache } from './context.ts';
import type { StoreConnection } from './store.ts';

/** Returned by `useMediaAnalysisSSE`. */
export interface MediaAnalysis {
  /** The newest state of each media by its id. An id is not in the map until its state is known, and if it is gone. */
  media: ReadonlyMap<string, Media>;
  /** Ids of media that were deleted, are unknown, or belong to another user. */
  goneIds: ReadonlySet<string>;
  /** Number of completed media. */
  completed: number;
  /** Number of failed media. */
  failed: number;
  /** The mean progress of all media, 0 to 1; 0 without media. A media that completed or failed counts as 1. */
  progress: number;
  /** True if all media are completed, failed or gone; false without media. */
  isDone: boolean;
  /** How news arrives. */
  connection: StoreConnection;
  /** The `MediaClientError` that ended watching (`connection` is `closed`); undefined otherwise. */
  error: unknown;
  /** Watches again after an error. */
  resume: () => void;
}

/**
 * The state of these media, kept up to date while the component is mounted. News comes by the event stream, or by polling where
 * the stream does not get through. An array with the same ids as before changes nothing. All hooks of a client share one watch.
 * @example
 * ```tsx
 * import { useMediaAnalysisSSE } from '@media-analysis/react';
 *
 * export function Results({ mediaIds }: { mediaIds: string[] }) {
 *   const { media, completed, isDone, error, resume } = useMediaAnalysisSSE(mediaIds);
 *   if (error !== undefined) return <button onClick={resume}>Try again</button>;
 *   return (
 *     <>
 *       <p>{isDone ? 'All done' : `${completed} of ${mediaIds.length} ready`}</p>
 *       {mediaIds.map((id) => (
 *         <p key={id}>{media.get(id)?.analytics?.summary ?? media.get(id)?.status}</p>
 *       ))}
 *     </>
 *   );
 * }
 * ```
 */
export function useMediaAnalysisSSE(mediaIds: readonly string[]): MediaAnalysis {
  const store = useMediaCache();
  const key = mediaIds.join(',');
  // A new array with the same ids must not start a new watch.
  const ids = useMemo(() => key.split(',').filter((id) => id !== ''), [key]);
  useEffect(() => store.retain(ids), [store, ids]);
  const last = useRef<{ ids: readonly string[]; states: readonly unknown[] } | undefined>(
    undefined,
  );
  const getSnapshot = useCallback(() => {
    const states = [
      store.connection,
      store.error,
      ...ids.map((id) => store.get(id) ?? store.isGone(id)),
    ];
    const known = last.current;
    if (known?.ids !== ids || states.some((state, n) => state !== known.states[n])) {
      last.current = { ids, states };
    }
    return last.current;
  }, [store, ids]);
  const snapshot = useSyncExternalStore(store.subscribe, getSnapshot, getSnapshot);
  return useMemo(() => {
    const [connection, error, ...states] = snapshot?.states ?? [];
    return {
      ...countStates(ids, states as (Media | boolean)[]),
      connection: connection as StoreConnection,
      error,
      resume: () => store.resume(),
    };
  }, [store, ids, snapshot]);
}

/** Without media nothing is done. */
export function countStates(ids: readonly string[], states: readonly (Media | boolean)[]) {
  const media = new Map<string, Media>();
  const goneIds = new Set<string>();
  let completed = 0;
  let failed = 0;
  let progress = 0;
  for (const [n, id] of ids.entries()) {
    const state = states[n];
    if (state === true) goneIds.add(id);
    if (typeof state !== 'object') continue;
    media.set(id, state);
    if (state.status === 'completed') completed++;
    if (state.status === 'failed') failed++;
    progress += state.status === 'failed' ? 1 : state.progress;
  }
  const left = ids.length - goneIds.size;
  return {
    media,
    goneIds,
    completed,
    failed,
    progress: left > 0 ? progress / left : ids.length > 0 ? 1 : 0,
    isDone: ids.length > 0 && completed + failed === left,
  };
}

/** Returned by `useMediaUploadSSE`. */
export interface MediaUpload {
  /** The newest state; undefined until it is known, and if the media is gone. */
  media: Media | undefined;
  /** `media.status`. */
  status: Media['status'] | undefined;
  /** `media.progress`, 0 to 1; 0 until it is known. */
  progress: number;
  /** Path of the original in the API; null until it is stored. For a picture's `src` take `useMediaUrl`. */
  url: string | null;
  /** True if the media is completed, failed or gone. */
  isDone: boolean;
  /** True if the media was deleted, is unknown, or belongs to another user. */
  isGone: boolean;
  /** How news arrives. */
  connection: StoreConnection;
  /** The `MediaClientError` that ended watching; undefined otherwise. */
  error: unknown;
}

/**
 * The state of one media, kept up to date while the component is mounted. All hooks of a client share one
 * watch.
 * @example
 * ```tsx
 * import { useMediaUploadSSE } from '@media-analysis/react';
 *
 * export function Status({ id }: { id: string }) {
 *   const { status, progress, isGone } = useMediaUploadSSE(id);
 *   return <p>{isGone ? 'deleted' : `${status ?? 'unknown'}, ${Math.round(progress * 100)} %`}</p>;
 * }
 * ```
 */
export function useMediaUploadSSE(mediaId: string): MediaUpload {
  const ids = useMemo(() => [mediaId], [mediaId]);
  const { media, goneIds, isDone, connection, error } = useMediaAnalysisSSE(ids);
  const one = media.get(mediaId);
  return {
    media: one,
    status: one?.status,
    progress: one?.progress ?? 0,
    url: one?.url ?? null,
    isDone,
    isGone: goneIds.has(mediaId),
    connection,
    error,
  };
}
