/** Shows changes of the user's media on other devices. */
import { MAX_IDS } from '@media-analysis/shared/stream';
import { useEffect, useRef } from 'react';
import { browserWakeUps, sleep, systemClock } from '../client/clock.ts';
import { type LibraryUpdate, libraryOf, type Media, type MediaClient } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import { backoffMs } from './queries.ts';
import type { MediaCache } from './store.ts';
import type { Upload } from './uploads/list.ts';
import type { MediaListState } from './use-media-pages.ts';
import { onReturn, whileActive } from './while-active.ts';

/** Media that come together are sorted before they are shown. */
const GATHER_MS = 50;
/** The shortest time between two reads of the list, for each 100 loaded media: users switch between windows. */
const LOOK_MS = 5_000;
/** If another device has sent more than this, the rest appears after a reload of the page. */
const MOST_PAGES = 20;
const NONE: readonly Upload[] = [];

/**
 * Shows media that other devices of the user send, delete, bring back and edit, within about two seconds, in all hooks of the
 * same client. Its stream costs the operator an instance, so it is open only while the page is visible and was used in the last
 * five minutes, or a media is unfinished. If streams are blocked, the hook reads the list every half minute and when the user
 * comes back. Use it once.
 * @param list from `useMediaList`
 * @param uploads from `useAnalyzeMedia`, so that files that are being sent here are not shown twice
 * @example
 * import { useLiveLibrary, useMediaList } from '@media-analysis/react';
 *
 * useLiveLibrary(useMediaList());
 */
export function useLiveLibrary(
  { ids, hasMore }: Pick<MediaListState, 'ids' | 'hasMore'>,
  uploads: readonly Upload[] = NONE,
): void {
  const client = useMediaClient();
  const cache = useMediaCache();
  const live = useRef<LiveLibrary>(undefined);
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    const library = liveLibrary(client, cache, signal);
    live.current = library;
    let since: string | undefined;
    let isThrough = false;
    const follow = async (stop: AbortSignal) => {
      const updates = libraryOf(client).watch({
        signal: stop,
        since,
        onSince: (time) => {
          since = time;
        },
        onConnection: (connection) => {
          if (connection === 'live') library.begin();
          if (connection !== 'connecting') isThrough = connection === 'live';
        },
      });
      for await (const update of updates) library.take(update);
    };
    // An aborted stream fails.
    const open = (stop: AbortSignal) => void follow(stop).catch(() => undefined);
    whileActive(open, library.isBusy, signal);
    onReturn(() => isThrough || library.look(), signal);
    return () => ends.abort();
  }, [client, cache]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another library has to know them, too
  useEffect(
    () => live.current?.know(ids, hasMore, uploads),
    [client, cache, ids, hasMore, uploads],
  );
}

export type LiveLibrary = ReturnType<typeof liveLibrary>;

export function liveLibrary(client: MediaClient, cache: MediaCache, signal: AbortSignal) {
  /** Ids in the loaded part of the list. */
  let loaded: ReadonlySet<string> = new Set();
  let uploads = NONE;
  let hasMore = true;
  /** Creation time of the newest media that was loaded or read: all older media are known, if the server still has them. */
  let readTo: string | undefined;
  /** Media that are not on the list yet. */
  const fresh = new Map<string, Media>();
  let gathering: ReturnType<typeof setTimeout> | undefined;
  /** Batches that this browser has sent or is sending: their media come with the answers to the requests. */
  const batches = new Set<string | undefined>();
  /** Media that may be deleted or brought back: the page asks the server for them. */
  const unverified = new Set<string>();
  /** The media of the open request, with the states known before it. */
  let asked: ReadonlyMap<string, Media | undefined> = new Map();
  let lookAt = performance.now() + LOOK_MS;
  let hasBegun = false;
  signal.addEventListener('abort', () => clearTimeout(gathering));

  function isListed(id: string): boolean {
    return loaded.has(id) || cache.createdIds.includes(id) || cache.backIds.includes(id);
  }

  function takeMedia(media: Media): void {
    const { id, revision } = media;
    if (cache.isGone(id)) verify(id);
    else if (isListed(id)) {
      if (revision > (cache.get(id)?.revision ?? -1)) cache.tell(media);
    } else if (revision >= (fresh.get(id)?.revision ?? 0)) {
      fresh.set(id, media);
      gather();
    }
  }

  /** News may be late: this page may have deleted or restored the media meanwhile. Only an answer to a new request counts. */
  function verify(id: string): void {
    unverified.add(id);
    askForDoubted();
  }

  /**
   * Reads the list from its beginning to the last media that the page has read before. A known media does not end the read:
   * media that this page sent, or that came by a stream, stand above the missed ones.
   */
  const look = untilDone(async () => {
    await sleep(Math.max(0, lookAt - performance.now()), systemClock, signal);
    const known = [...loaded].filter((id) => cache.get(id));
    const read = new Map<string, Media>();
    let pageToken: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await client.list({ signal, limit: MAX_IDS, pageToken });
      for (const media of page.media) read.set(media.id, media);
      pageToken = page.next_page_token;
      const oldest = page.media.at(-1)?.created_at;
      if (pageToken === undefined || (readTo && oldest && oldest < readTo)) break;
    }
    const states = [...read.values()];
    readTo = states[0]?.created_at ?? readTo;
    // Oldest first.
    for (const media of states.reverse()) takeMedia(media);
    for (const id of known) if (!read.has(id)) verify(id);
    lookAt = performance.now() + LOOK_MS * Math.max(1, Math.ceil(known.length / MAX_IDS));
  }, signal);

  const askForDoubted = untilDone(async () => {
    // Gathers several ids.
    await sleep(0, systemClock, signal);
    const ids = [...unverified].slice(0, MAX_IDS);
    asked = new Map(ids.map((id) => [id, cache.get(id)]));
    for (const id of ids) unverified.delete(id);
    try {
      const answer = await libraryOf(client).get(ids, { signal });
      const stored = new Map(answer.map((media) => [media.id, media]));
      for (const [id, before] of asked) {
        const media = stored.get(id);
        // The media has changed since the request: the change may be newer than the answer.
        if (cache.get(id) !== before) unverified.add(id);
        if (unverified.has(id)) continue;
        if (!media) cache.drop(id);
        else if (cache.isGone(id)) cache.bringBack(media);
        else takeMedia(media);
      }
    } catch (error) {
      for (const id of ids) unverified.add(id);
      throw error;
    } finally {
      asked = new Map();
    }
    if (unverified.size > 0) askForDoubted();
  }, signal);

  function gather(): void {
    if (signal.aborted) return;
    gathering ??= setTimeout(() => {
      gathering = undefined;
      show();
    }, GATHER_MS);
  }

  /** Adds the newest media last: it stands above the others. */
  function show(): void {
    const times = loadedTimes();
    const isHeldBack = ({ id, batch_id }: Media) =>
      batches.has(batch_id) && !uploads.some(({ mediaId }) => mediaId === id);
    const timeOf = ({ created_at }: Media) => Date.parse(created_at);
    for (const media of [...fresh.values()].sort((a, b) => timeOf(a) - timeOf(b))) {
      const { id, created_at } = media;
      const isKnown = cache.isGone(id) || isListed(id);
      if (!isKnown && isHeldBack(media)) continue;
      fresh.delete(id);
      if (isKnown) takeMedia(media);
      else if (created_at >= (times.at(-1) ?? '')) cache.add(media);
      // The media goes where its time belongs.
      else if (created_at > (times[0] ?? '') || !hasMore) cache.bringBack(media);
      // The list will have the media when that part is loaded.
      else cache.tell(media);
    }
  }

  /** @returns creation times of the loaded media that were not sent meanwhile, the earliest first */
  function loadedTimes(): string[] {
    const created = new Set(cache.createdIds);
    const ids = [...loaded].filter((id) => !created.has(id));
    return ids.flatMap((id) => cache.get(id)?.created_at ?? []).sort();
  }

  return {
    /** Compares the loaded media with the server's, and repeats this until it succeeds. */
    look,
    know(ids: readonly string[], isCut: boolean, sent: readonly Upload[]): void {
      loaded = new Set(ids);
      hasMore = isCut;
      uploads = sent;
      readTo ??= loadedTimes().at(-1);
      for (const { state, batchId } of uploads)
        if (state === 'sending' && batchId) batches.add(batchId);
      if (fresh.size > 0) gather();
    },
    /** True while files are being sent, or media are unfinished: the stream then stays open although nobody uses the page. */
    isBusy(): boolean {
      const isSending = uploads.some(({ state, isPaused }) => state === 'sending' && !isPaused);
      return isSending || !['idle', 'closed'].includes(cache.connection);
    },
    take(update: LibraryUpdate): void {
      if (update.type === 'missed') look();
      else if (update.type === 'media') takeMedia(update.media);
      else {
        const id = update.media_id;
        fresh.delete(id);
        // The open request may still answer that the media is back.
        if (!cache.isGone(id) || asked.has(id)) verify(id);
      }
    },
    /** Called when a stream begins. Streams do not report media that were erased before. */
    begin(): void {
      if (hasBegun) look();
      hasBegun = true;
    },
  };
}

/**
 * @returns a function that repeats `work` until it succeeds, and once more after a call in between. A wait ends when the browser is
 * online again, or the page is visible again
 */
function untilDone(work: () => Promise<void>, signal: AbortSignal): () => void {
  let isWanted = false;
  let isAtWork = false;
  return async () => {
    isWanted = true;
    if (isAtWork) return;
    isAtWork = true;
    for (let failures = 0; isWanted && !signal.aborted; ) {
      isWanted = false;
      try {
        await work();
        failures = 0;
      } catch {
        isWanted = true;
        const ms = backoffMs(++failures);
        await sleep(ms, systemClock, signal, browserWakeUps).catch(() => undefined);
      }
    }
    isAtWork = false;
  };
}
