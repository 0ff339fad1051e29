/** Media, live: many at once, or one. */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Media } from '../client/index.ts';
import { useMediaStore } from './context.ts';
import type { StoreConnection } from './store.ts';

export interface MediaAnalysis {
  /** Newest state by id; an id is missing until its state is known, and when it is gone. */
  media: ReadonlyMap<string, Media>;
  /** Deleted, unknown, or not the caller's. */
  goneIds: ReadonlySet<string>;
  completed: number;
  failed: number;
  /** Mean of all, 0 to 1; what has ended counts as 1. */
  progress: number;
  /** Whether nothing more will come. */
  isDone: boolean;
  /** How news arrives. */
  connection: StoreConnection;
  /** Why they no longer arrive, until `resume` is called. */
  error: unknown;
  resume: () => void;
}

/**
 * The state of these media, kept up to date while the component is mounted: by the event stream, by
 * polling where that does not get through.
 */
export function useMediaAnalysisSSE(mediaIds: readonly string[]): MediaAnalysis {
  const store = useMediaStore();
  const key = mediaIds.join(',');
  // The same ids in another array are the same.
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
      ...summarize(ids, states as (Media | boolean)[]),
      connection: connection as StoreConnection,
      error,
      resume: () => store.resume(),
    };
  }, [store, ids, snapshot]);
}

function summarize(ids: readonly string[], states: readonly (Media | boolean)[]) {
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
    progress: left === 0 ? 1 : progress / left,
    isDone: completed + failed === left,
  };
}

export interface MediaUpload {
  media: Media | undefined;
  status: Media['status'] | undefined;
  progress: number;
  /** Where the stored original is, once it is. */
  url: string | null;
  isDone: boolean;
  /** Deleted, unknown, or not the caller's. */
  isGone: boolean;
  connection: StoreConnection;
  error: unknown;
}

/** One media, live. It shares its stream with whatever else is watched. */
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
