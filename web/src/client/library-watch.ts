/** Follows all media of a user: every upload, change, deletion and restoration, on any device. */
import { type Followed, follow, newestOf, type WatchOptions } from './follow.ts';
import { isMedia } from './guard.ts';
import { queryOf, type StreamDeps } from './http.ts';
import type { MediaUpdate } from './watch.ts';

/** One item of `LibraryClient.watch`. A state may come twice: the higher revision is newer. */
export type LibraryUpdate =
  | Exclude<MediaUpdate, { type: 'problem' }>
  | {
      /** Some changes may be missing: read the list. Where the stream is blocked, this comes every 30 s. */
      type: 'missed';
    };

/** Options of `LibraryClient.watch`. */
export interface LibraryWatchOptions extends WatchOptions {
  /** The last text passed to `onSince`: the watch yields all changes since then. By default it yields changes from now on. */
  since?: string | undefined;
  /** Called with the time, by the server's clock, from which a later watch has to start. */
  onSince?: ((since: string) => void) | undefined;
}

export function watchLibrary(
  deps: StreamDeps,
  { signal, onConnection, ...place }: LibraryWatchOptions,
): AsyncGenerator<LibraryUpdate, void, undefined> {
  return newestOf<LibraryUpdate>(
    (emit, stop) => follow(libraryAt(place, emit), deps, stop, onConnection),
    signal,
  );
}

function libraryAt(
  { since, onSince }: LibraryWatchOptions,
  emit: (key: string, update: LibraryUpdate) => void,
): Followed {
  const miss = () => emit('missed', { type: 'missed' });
  const goOnFrom = (time: string) => {
    since = time;
    onSince?.(time);
  };
  return {
    path: () => `/api/media/stream${queryOf({ since })}`,
    take(event, data, id) {
      const told = (data ?? {}) as { since?: unknown; media_id?: unknown };
      if (event === 'since') {
        if (typeof told.since !== 'string') return;
        // The server does not remember earlier changes.
        if (since !== undefined && Date.parse(told.since) > Date.parse(since)) miss();
        return goOnFrom(told.since);
      }
      const { media_id } = told;
      if (event === 'removed' && typeof media_id === 'string') {
        emit(media_id, { type: 'removed', media_id });
      } else if (event === 'message' && isMedia(data)) {
        emit(data.id, { type: 'media', media: data });
      }
      if (!Number.isNaN(Date.parse(id))) goOnFrom(id);
    },
    // The code that reads the list asks the server.
    poll: async () => miss(),
    pollMs: 30_000,
    // Pages that lost their streams together must not return together.
    reconnectMs: 1_000,
    // The user is signed out, a proxy refuses, or an older server has no such stream. The list may still work.
    refused: () => undefined,
  };
}
