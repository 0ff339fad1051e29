/** Shows changes of the user's media on other devices. */
import { MAX_IDS } from '@media-analysis/shared/stream';
import { useEffect, useRef } from 'react';
import { type LibraryUpdate, libraryOf, type Media, type MediaClient } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import { backoffMs } from './queries.ts';
import type { MediaCache } from './store.ts';
import type { Upload } from './uploads/list.ts';
import type { MediaListState } from './use-media-pages.ts';
import { onReturn, whileActive } from './while-active.ts';

/** Media that come together are sorted before they are shown. */
const GATHER_MS = 50;
/** For each 100 loaded media, the list is read at most this often: users switch between windows. */
const LOOK_MS = 5_000;
/** The list was read just before, and a stream also sends the changes of the minute before. */
const FRESH_MS = 30_000;
/** If another device has sent more than this, the rest is seen when the page is loaded anew. */
const MOST_PAGES = 20;
const NONE: readonly Upload[] = [];

/**
 * Shows media that other devices of the user send, delete, bring back and edit, within about two seconds, in all hooks of the
 * same client. It holds a stream, and so an instance of the service, open only while the page is visible and was used in the last
 * five minutes, or a media is unfinished. Where streams are blocked, it reads the list every half minute and when the user comes
 * back. Use it once.
 * @param list from `useMediaList`
 * @param uploads from `useAnalyzeMedia`, so that files that are being sent here are not shown twice
 * @example
 * ```tsx
 * import { useLiveLibrary, useMediaAnalysisSSE, useMediaList } from '@media-analysis/react';
 *
 * export function Gallery() {
 *   const list = useMediaList();
 *   useLiveLibrary(list);
 *   const { media } = useMediaAnalysisSSE(list.ids);
 *   return list.ids.map((id) => <p key={id}>{media.get(id)?.file_name}</p>);
 * }
 * ```
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
    const library = new LiveLibrary(client, cache, signal);
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
    // It fails when it is aborted.
    const open = (stop: AbortSignal) => void follow(stop).catch(() => undefined);
    whileActive(open, () => library.isBusy, signal);
    onReturn(() => isThrough || library.look(), signal);
    return () => ends.abort();
  }, [client, cache]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another library has to know them, too
  useEffect(
    () => live.current?.know(ids, hasMore, uploads),
    [client, cache, ids, hasMore, uploads],
  );
}

export class LiveLibrary {
  readonly #client: MediaClient;
  readonly #cache: MediaCache;
  readonly #signal: AbortSignal;
  /** Of the loaded part of the list. */
  #ids: ReadonlySet<string> = new Set();
  #uploads = NONE;
  #hasMore = true;
  /** Creation time of the newest media that was loaded or read: everything up to then is known, if the server still has it. */
  #readTo: string | undefined;
  /** Not on the list yet. */
  readonly #fresh = new Map<string, Media>();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** Batches that this browser has sent, or sends: their media come by the answers to their requests. */
  readonly #batches = new Set<string | undefined>();
  /** Media that may be deleted or brought back: the server is asked for them. */
  readonly #unverified = new Set<string>();
  #isMissed = false;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #failures = 0;
  #retryAt = 0;
  #lookAt = performance.now() + LOOK_MS;
  /** Until then, a new stream has missed nothing since the page was loaded. */
  #freshUntil = performance.now() + FRESH_MS;

  constructor(client: MediaClient, cache: MediaCache, signal: AbortSignal) {
    this.#client = client;
    this.#cache = cache;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      clearTimeout(this.#gathering);
      clearTimeout(this.#asking);
    });
  }

  know(ids: readonly string[], hasMore: boolean, uploads: readonly Upload[]): void {
    this.#ids = new Set(ids);
    this.#uploads = uploads;
    this.#hasMore = hasMore;
    this.#readTo ??= this.#loadedTimes().at(-1);
    for (const { state, batchId } of uploads)
      if (state === 'sending' && batchId) this.#batches.add(batchId);
    if (this.#fresh.size > 0) this.#gather();
  }

  /**
   * True if files are sent or media are unfinished: worth following although nobody uses the page. Paused files wait for the
   * user.
   */
  get isBusy(): boolean {
    const isSending = this.#uploads.some(({ state, isPaused }) => state === 'sending' && !isPaused);
    return isSending || !['idle', 'closed'].includes(this.#cache.connection);
  }

  take(update: LibraryUpdate): void {
    if (update.type === 'missed') this.look();
    else if (update.type === 'media') this.#takeMedia(update.media);
    else {
      this.#fresh.delete(update.media_id);
      // An answer on its way may say that it is back.
      if (!this.#cache.isGone(update.media_id) || this.#isAsking) this.#verify(update.media_id);
    }
  }

  /** Called when a stream begins. Streams do not tell of media that were erased before. */
  begin(): void {
    this.#failures = 0;
    if (performance.now() > this.#freshUntil) this.look();
    this.#freshUntil = 0;
  }

  /** Compares the loaded media with the server's, now or as soon as that succeeds. */
  look(): void {
    this.#isMissed = true;
    this.#retryAt = 0;
    this.#ask();
  }

  #takeMedia(media: Media): void {
    const { id, revision } = media;
    if (this.#cache.isGone(id)) this.#verify(id);
    else if (this.#isListed(id)) {
      if (revision > (this.#cache.get(id)?.revision ?? -1)) this.#cache.tell(media);
    } else if (revision >= (this.#fresh.get(id)?.revision ?? 0)) {
      this.#fresh.set(id, media);
      this.#gather();
    }
  }

  #isListed(id: string): boolean {
    const { createdIds, backIds } = this.#cache;
    return this.#ids.has(id) || createdIds.includes(id) || backIds.includes(id);
  }

  /** News may be late: the media may have been deleted or brought back here meanwhile. Only an answer to a new request counts. */
  #verify(id: string): void {
    this.#unverified.add(id);
    this.#ask();
  }

  /** Asks the server for all media in question, one request after the other. */
  #ask(): void {
    clearTimeout(this.#asking);
    if (this.#isAsking || this.#signal.aborted) return;
    const isInDoubt = this.#unverified.size > 0;
    if (!isInDoubt && !this.#isMissed) return;
    const at = Math.max(this.#retryAt, isInDoubt ? 0 : this.#lookAt);
    // Several requests are gathered.
    this.#asking = setTimeout(() => void this.#askNow(), Math.max(0, at - performance.now()));
  }

  async #askNow(): Promise<void> {
    this.#isAsking = true;
    try {
      await (this.#unverified.size > 0 ? this.#askForDoubted() : this.#readList());
      this.#failures = 0;
    } catch {
      // The media stay in question.
      this.#failures += 1;
      this.#retryAt = performance.now() + backoffMs(this.#failures);
    }
    this.#isAsking = false;
    this.#ask();
  }

  /**
   * Reads the list from its beginning until it is older than the last media that the page has read. A known media in a page does
   * not end it: media that were sent here, or came by a stream, stand above the missed ones.
   */
  async #readList(): Promise<void> {
    this.#isMissed = false;
    const known = [...this.#ids].filter((id) => this.#cache.get(id));
    const since = this.#readTo;
    const read = new Map<string, Media>();
    try {
      let pageToken: string | undefined;
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const options = { signal: this.#signal, limit: MAX_IDS, ...(pageToken && { pageToken }) };
        const page = await this.#client.list(options);
        for (const media of page.media) read.set(media.id, media);
        pageToken = page.next_page_token;
        const oldest = page.media.at(-1)?.created_at;
        if (pageToken === undefined || (since && oldest && oldest < since)) break;
      }
    } catch (error) {
      this.#isMissed = true;
      throw error;
    }
    const states = [...read.values()];
    this.#readTo = states[0]?.created_at ?? since;
    // Oldest first.
    for (const media of states.reverse()) this.#takeMedia(media);
    for (const id of known) if (!read.has(id)) this.#unverified.add(id);
    this.#lookAt = performance.now() + LOOK_MS * Math.max(1, Math.ceil(known.length / MAX_IDS));
  }

  async #askForDoubted(): Promise<void> {
    const ids = [...this.#unverified].slice(0, MAX_IDS);
    const before = new Map(ids.map((id) => [id, this.#cache.get(id)]));
    for (const id of ids) this.#unverified.delete(id);
    let answer: readonly Media[];
    try {
      answer = await libraryOf(this.#client).get(ids, { signal: this.#signal });
    } catch (error) {
      for (const id of ids) this.#unverified.add(id);
      throw error;
    }
    const stored = new Map(answer.map((media) => [media.id, media]));
    const back: Media[] = [];
    for (const [id, known] of before) {
      const media = stored.get(id);
      // The media has changed since the request: the change may be newer than the answer.
      if (this.#cache.get(id) !== known) this.#unverified.add(id);
      if (this.#unverified.has(id)) continue;
      if (!media) this.#cache.drop(id);
      else if (this.#cache.isGone(id)) back.push(media);
      else this.#takeMedia(media);
    }
    if (back.length > 0) this.#cache.bringBack(...back);
  }

  #gather(): void {
    if (this.#signal.aborted) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#show();
    }, GATHER_MS);
  }

  /** Adds the newest last: it stands above the others. */
  #show(): void {
    const times = this.#loadedTimes();
    const isHeldBack = ({ id, batch_id }: Media) =>
      this.#batches.has(batch_id) && !this.#uploads.some(({ mediaId }) => mediaId === id);
    const fresh = [...this.#fresh.values()].sort(
      (a, b) => Date.parse(a.created_at) - Date.parse(b.created_at),
    );
    for (const media of fresh) {
      const { id, created_at } = media;
      const isKnown = this.#cache.isGone(id) || this.#isListed(id);
      if (!isKnown && isHeldBack(media)) continue;
      this.#fresh.delete(id);
      if (isKnown) this.#takeMedia(media);
      else if (created_at >= (times.at(-1) ?? '')) this.#cache.add(media);
      // It stands where its time belongs.
      else if (created_at > (times[0] ?? '') || !this.#hasMore) this.#cache.bringBack(media);
      // The list will have it when that part is loaded.
      else this.#cache.tell(media);
    }
  }

  /** @returns creation times of the loaded media that were not sent meanwhile, the earliest first */
  #loadedTimes(): string[] {
    const created = new Set(this.#cache.createdIds);
    const loaded = [...this.#ids].filter((id) => !created.has(id));
    return loaded.flatMap((id) => this.#cache.get(id)?.created_at ?? []).sort();
  }
}
