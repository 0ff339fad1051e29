/** Follows media to their end. It keeps the newest revision of each, and passes on only newer states. */
import type { ErrorCode } from '@media-analysis/shared/error-codes';
import type { Media } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import { MAX_IDS } from '@media-analysis/shared/stream';
import { MediaClientError } from './errors.ts';
import { type Followed, follow, newestOf, type WatchOptions } from './follow.ts';
import { asMediaList, isMedia } from './guard.ts';
import type { Http, StreamDeps } from './http.ts';

/** One item of `MediaClient.watch`. */
export type MediaUpdate =
  | {
      /** A media has a newer state; in a library: it is new, changed, or back from the bin. */
      type: 'media';
      /** The new state. */
      media: Media;
    }
  | {
      /** A media was deleted while it was watched; in a library, also if it was moved to the bin. */
      type: 'removed';
      /** Its id. */
      media_id: string;
    }
  | {
      /** The id is unknown or belongs to another user. The server does not say which. */
      type: 'problem';
      /** The id that was given to `watch`. */
      media_id: string;
      /** `not_found`. */
      code: ErrorCode;
    };

export function watch(
  ids: readonly string[],
  deps: StreamDeps,
  { signal, onConnection }: WatchOptions = {},
): AsyncGenerator<MediaUpdate, void, undefined> {
  const all = [...new Set(ids)];
  return newestOf<MediaUpdate>(async (emit, stop) => {
    const following: Promise<void>[] = [];
    for (let start = 0; start < all.length; start += MAX_IDS) {
      const followed = mediaOf(all.slice(start, start + MAX_IDS), deps.http, emit);
      following.push(follow(followed, deps, stop, onConnection));
    }
    await Promise.all(following);
  }, signal);
}

function mediaOf(
  ids: readonly string[],
  http: Http,
  emit: (id: string, update: MediaUpdate) => void,
): Followed {
  /** Ids of media that are not completed, failed or gone. */
  const unfinished = new Set(ids);
  const revisions = new Map<string, number>();
  const query = () => `?ids=${[...unfinished].map(encodeURIComponent).join(',')}`;
  const put = (media: Media) => {
    const { id, revision, status } = media;
    if (!unfinished.has(id) || revision <= (revisions.get(id) ?? -1)) return;
    revisions.set(id, revision);
    if (isTerminal(status)) unfinished.delete(id);
    emit(id, { type: 'media', media });
  };
  /** Handles an id unknown to the server. If the media was seen before, it was deleted; otherwise it is not the user's. */
  const lose = (media_id: string) => {
    if (!unfinished.delete(media_id)) return;
    if (revisions.has(media_id)) emit(media_id, { type: 'removed', media_id });
    else emit(media_id, { type: 'problem', media_id, code: 'not_found' });
  };
  return {
    get isOver() {
      return unfinished.size === 0;
    },
    path: () => `/api/agent/analyze-media/stream${query()}`,
    take(event, data) {
      if (event === 'message' && isMedia(data)) return put(data);
      const { media_id, code } = (data ?? {}) as { media_id?: unknown; code?: unknown };
      // With any other code the media exists, and the server cannot show it yet.
      const isMissing = event === 'removed' || (event === 'problem' && code === 'not_found');
      if (isMissing && typeof media_id === 'string') lose(media_id);
    },
    async poll(init, limitMs) {
      const asked = [...unfinished];
      const { media } = asMediaList(await http.json(`/api/media${query()}`, init, limitMs));
      media.forEach(put);
      const found = new Set(media.map(({ id }) => id));
      for (const id of asked) if (!found.has(id)) lose(id);
    },
    refused(error) {
      if (!(error instanceof MediaClientError && error.status === 404)) throw error;
      unfinished.forEach(lose);
    },
  };
}
