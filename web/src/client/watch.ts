import { MAX_IDS } from '@media-analysis/shared/stream';
import { follow, newestOf, type WatchOptions } from './follow.ts';
import type { StreamDeps } from './stream-deps.ts';
import { type MediaUpdate, Tracker } from './tracker.ts';

/**
 * Yields the state of each media, then each newer state, until all have ended. A slow consumer gets the
 * newest state of each, not every state.
 * @throws {MediaClientError} if another try cannot succeed (not signed in); the signal's reason
 */
export function watch(
  ids: readonly string[],
  deps: StreamDeps,
  { signal, onConnection = () => undefined }: WatchOptions = {},
): AsyncGenerator<MediaUpdate, void, undefined> {
  return newestOf<MediaUpdate>((emit, stop) => {
    const emitById = (update: MediaUpdate) =>
      emit(update.type === 'media' ? update.media.id : update.media_id, update);
    const groups = groupsOf([...new Set(ids)]);
    return Promise.all(
      groups.map((group) => follow(new Tracker(group, emitById), deps, stop, onConnection)),
    );
  }, signal);
}

function groupsOf(ids: string[]): string[][] {
  const count = Math.ceil(ids.length / MAX_IDS);
  return Array.from({ length: count }, (_, n) => ids.slice(n * MAX_IDS, (n + 1) * MAX_IDS));
}
