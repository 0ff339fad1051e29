/** Shows media live: many at once, or one. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { type Media, MediaClientError } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import type { MediaCache, StoreConnection } from './store.ts';
import { onReturn } from './while-active.ts';

/** Returned by `useMediaAnalysisSSE`. */
export interface MediaAnalysis {
  /** The newest state of each media by its id. The map lacks ids whose state is not known yet, or whose media is gone. */
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
  /** The error that ended watching (`connection` is `closed`); undefined otherwise. */
  error: MediaClientError | undefined;
  /** Watches again after an error. */
  resume: () => void;
}

/**
 * The state of these media, kept up to date while the component is mounted: by the event stream, or by polling if the stream does
 * not get through. An array with the same ids as before changes nothing. All hooks of a client share one watch.
 * @param mediaIds undefined or null: as without media
 * @example
 * const { media, error, resume } = useMediaAnalysisSSE(ids);
 * const summaries = ids.map((id) => media.get(id)?.analytics?.summary);
 */
export function useMediaAnalysisSSE(mediaIds: readonly string[] | undefined | null): MediaAnalysis {
  const store = useMediaCache();
  const key = mediaIds?.join(',') ?? '';
  // A new array with the same ids must not start a new watch.
  const ids = useMemo(() => [...new Set(key.split(','))].filter((id) => id !== ''), [key]);
  useEffect(() => store.retain(ids), [store, ids]);
  const getSnapshot = () => {
    const states = ids.map((id) => store.isGone(id) || store.get(id)?.revision);
    return [store.connection, store.error === undefined, ...states].join();
  };
  const snapshot = useSyncExternalStore(store.subscribe, getSnapshot, getSnapshot);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it tells when the store has something else
  return useMemo(
    () => ({
      ...countStates(ids, store),
      connection: store.connection,
      error: store.error,
      resume: () => store.resume(),
    }),
    [store, ids, snapshot],
  );
}

/** Without media, `isDone` is false. */
export function countStates(ids: readonly string[], store: Pick<MediaCache, 'get' | 'isGone'>) {
  const media = new Map<string, Media>();
  const goneIds = new Set(ids.filter((id) => store.isGone(id)));
  const counts = { completed: 0, failed: 0 };
  let progress = 0;
  for (const id of ids) {
    const state = store.get(id);
    if (!state) continue;
    media.set(id, state);
    const { status } = state;
    if (status === 'completed' || status === 'failed') counts[status]++;
    progress += status === 'failed' ? 1 : state.progress;
  }
  const left = ids.length - goneIds.size;
  return {
    media,
    goneIds,
    ...counts,
    progress: left > 0 ? progress / left : Math.min(1, ids.length),
    isDone: ids.length > 0 && counts.completed + counts.failed === left,
  };
}

/** Returned by `useMediaUploadSSE`. */
export interface MediaUpload extends Pick<MediaAnalysis, 'isDone' | 'connection' | 'error'> {
  /** The newest state; undefined until it is known, and if the media is gone. */
  media: Media | undefined;
  /** `media.status`. */
  status: Media['status'] | undefined;
  /** `media.progress`, 0 to 1; 0 until it is known. */
  progress: number;
  /** Path of the original in the API; null until it is stored. For a picture's `src` take `useMediaUrl`. */
  url: string | null;
  /** True if the media was deleted, is unknown, or belongs to another user. */
  isGone: boolean;
}

/**
 * The state of one media, kept up to date while the component is mounted. All hooks of a client share one watch.
 * @param mediaId undefined or null while there is none: `isDone` and `isGone` are false
 * @example
 * const { status, progress, isGone } = useMediaUploadSSE(id);
 */
export function useMediaUploadSSE(mediaId: string | undefined | null): MediaUpload {
  const id = mediaId ?? '';
  const { media: all, goneIds, isDone, connection, error } = useMediaAnalysisSSE([id]);
  const media = all.get(id);
  const { status, progress = 0, url = null } = media ?? {};
  const isGone = goneIds.has(id);
  return { media, status, progress, url, isDone, isGone, connection, error };
}

/**
 * Reads a media at first, and each time that the user comes back to the page. Only `useLiveLibrary` reports the changes that
 * another device makes to a completed media. A deleted media is then gone.
 */
export function useRefetchOnFocus(id: string): void {
  const client = useMediaClient();
  const cache = useMediaCache();
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    const look = () => {
      client.get(id, { signal }).then(
        (media) => cache.tell(media),
        (error: unknown) => {
          if (error instanceof MediaClientError && error.code === 'not_found') cache.drop(id);
        },
      );
    };
    look();
    onReturn(look, signal);
    return () => ends.abort();
  }, [client, cache, id]);
}
