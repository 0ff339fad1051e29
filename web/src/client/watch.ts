/** Follows media to their end. It keeps the newest revision of each, and passes on only newer states. */
import type { ErrorCode } from '@media-analysis/shared/error-codes';
import type { Media } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import { MAX_IDS } from '@media-analysis/shared/stream';
import { MediaClientError } from './errors.ts';
import {
  type Followed,
  follow,
  newestOf,
  throwUnlessRefused,
  type WatchOptions,
} from './follow.ts';
import { asMediaList, isMedia } from './guard.ts';
import type { Http, StreamDeps } from './http.ts';
import { abortWith } from './older-browsers.ts';

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

/** Options of `MediaClient.waitFor`. */
export interface WaitOptions extends WatchOptions {
  /** The longest wait in milliseconds; by default there is no limit. */
  timeoutMs?: number | undefined;
}

/** The longest wait of a timer: a longer one would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export async function waitFor(
  ids: readonly string[],
  deps: StreamDeps,
  { timeoutMs = MAX_TIMER_MS, signal, ...by }: WaitOptions = {},
): Promise<Media[]> {
  const states = new Map<string, Media>();
  const stop = new AbortController();
  const cancel = deps.clock.after(Math.min(timeoutMs, MAX_TIMER_MS), () => {
    const left = [...new Set(ids)].flatMap((id) => {
      const status = states.get(id)?.status;
      return status && isTerminal(status) ? [] : `${id} (${status ?? 'not heard of'})`;
    });
    const message = `Not done after ${timeoutMs / 1_000} s: ${left.join(', ')}.`;
    stop.abort(new MediaClientError('not_ready', message, { status: 0 }));
  });
  abortWith(stop, signal);
  try {
    for await (const update of watch(ids, deps, { ...by, signal: stop.signal })) {
      if (update.type === 'media') states.set(update.media.id, update.media);
      else {
        const message = `There is no media ${update.media_id}, or it was deleted.`;
        throw new MediaClientError('not_found', message, { status: 404 });
      }
    }
    return ids.flatMap((id) => states.get(id) ?? []);
  } finally {
    cancel();
    stop.abort();
  }
}

function mediaOf(
  ids: readonly string[],
  http: Http,
  emit: (id: string, update: MediaUpdate) => void,
): Followed {
  /** Ids of media that are not completed, failed or gone. */
  const unfinished = new Set(ids);
  const revisions = new Map<string, number>();
  /** What was last told of each. A worker renews its lease with new revisions in which nothing else is new. */
  const told = new Map<string, string>();
  const query = () => `?ids=${[...unfinished].map(encodeURIComponent).join(',')}`;
  const put = (media: Media) => {
    const { id, revision, status } = media;
    if (!unfinished.has(id) || revision <= (revisions.get(id) ?? -1)) return;
    revisions.set(id, revision);
    if (isTerminal(status)) unfinished.delete(id);
    const news = JSON.stringify({ ...media, revision: 0, updated_at: '' });
    if (told.get(id) === news) return;
    told.set(id, news);
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
      const isGone = error instanceof MediaClientError && error.status === 404;
      // The service itself says so.
      if (isGone && error.requestId !== undefined) unfinished.forEach(lose);
      else throwUnlessRefused(error);
    },
  };
}
