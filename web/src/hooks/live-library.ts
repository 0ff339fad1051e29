/** Puts changes of the user's media on other devices into the cache. */
import { MAX_IDS } from '@media-analysis/shared/stream';
import { type LibraryUpdate, libraryOf, type Media, type MediaClient } from '../client/index.ts';
import { readMissedMedia } from './missed-media.ts';
import { backoffMs } from './queries.ts';
import type { MediaCache } from './store.ts';
import type { Upload } from './uploads.ts';

/** Media that come together are sorted before they are shown. */
const GATHER_MS = 50;
/** For each 100 loaded media, the list is read at most this often: users switch between windows. */
const LOOK_MS = 5_000;
/** The list was read just before, and a stream also sends the changes of the minute before. */
const FRESH_MS = 30_000;
/** A file whose sending has ended may have arrived: within this time it is removed, or reported as accepted. */
const SETTLE_MS = 3_000;
/** The answer to a request comes at most this long after the news of the media that it made. */
const HOLD_MS = 30_000;

export class LiveLibrary {
  readonly #client: MediaClient;
  readonly #cache: MediaCache;
  readonly #signal: AbortSignal;
  /** The ids of the loaded part of the list. */
  #listed: ReadonlySet<string> = new Set();
  #ids: readonly string[] = [];
  #uploads: readonly Upload[] = [];
  #hasMore = true;
  /** Creation time of the newest media that was loaded or read: everything up to then is known, if the server still has it. */
  #readTo: string | undefined;
  /** Media that are not on the list yet. */
  readonly #fresh = new Map<string, { media: Media; heardAt: number }>();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** Files that are being sent, by their keys, and until when a new media may be theirs. */
  readonly #sending = new Map<string, { upload: Upload; until: number }>();
  /** Media that may be deleted or brought back: the server is asked for them. */
  readonly #unverified = new Set<string>();
  /** True if the list has to be read. */
  #isMissed = false;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #failures = 0;
  #retryAt = 0;
  #lookAt = performance.now() + LOOK_MS;
  /** Until then, a new stream has missed nothing since the page was loaded. */
  #freshUntil = performance.now() + FRESH_MS;

  /** @param signal ends it */
  constructor(client: MediaClient, cache: MediaCache, signal: AbortSignal) {
    this.#client = client;
    this.#cache = cache;
    this.#signal = signal;
    const end = () => {
      clearTimeout(this.#gathering);
      clearTimeout(this.#asking);
    };
    signal.addEventListener('abort', end, { once: true });
  }

  /** Updates the ids of the list and the files that are being sent: those who send a file report its media. */
  know(ids: readonly string[], hasMore: boolean, uploads: readonly Upload[]): void {
    this.#ids = ids;
    this.#uploads = uploads;
    this.#listed = new Set(ids);
    this.#hasMore = hasMore;
    this.#readTo ??= this.#newestLoaded();
    const now = performance.now();
    for (const [key, { upload, until }] of this.#sending) {
      if (until < now) this.#sending.delete(key);
      else this.#sending.set(key, { upload, until: Math.min(until, now + SETTLE_MS) });
    }
    for (const upload of uploads) {
      if (upload.state === 'sending')
        this.#sending.set(upload.key, { upload, until: Number.POSITIVE_INFINITY });
    }
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
    else if (update.type === 'removed') this.#remove(update.media_id);
    else this.#takeMedia(update.media);
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

  #remove(id: string): void {
    this.#fresh.delete(id);
    // An answer on its way may say that it is back.
    if (!this.#cache.isGone(id) || this.#isAsking) this.#recheck(id);
  }

  #takeMedia(media: Media): void {
    const { id, revision } = media;
    if (this.#cache.isGone(id)) this.#recheck(id);
    else if (this.#isListed(id)) {
      if (revision > (this.#cache.get(id)?.revision ?? -1)) this.#cache.tell(media);
    } else if (revision >= (this.#fresh.get(id)?.media.revision ?? 0)) {
      const { heardAt } = this.#fresh.get(id) ?? { heardAt: performance.now() };
      this.#fresh.set(id, { media, heardAt });
      this.#gather();
    }
  }

  #isListed(id: string): boolean {
    const { createdIds, backIds } = this.#cache;
    return this.#listed.has(id) || createdIds.includes(id) || backIds.includes(id);
  }

  /** News may be late: the media may have been deleted or brought back here meanwhile. Only an answer to a new request counts. */
  #recheck(id: string): void {
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

  async #readList(): Promise<void> {
    this.#isMissed = false;
    const known = this.#ids.filter((id) => this.#cache.get(id));
    try {
      const read = await readMissedMedia(this.#client, this.#readTo, this.#signal);
      this.#readTo = read[0]?.created_at ?? this.#readTo;
      // Oldest first.
      for (const media of read.reverse()) this.#takeMedia(media);
      const isRead = new Set(read.map(({ id }) => id));
      for (const id of known) if (!isRead.has(id)) this.#unverified.add(id);
    } catch (error) {
      this.#isMissed = true;
      throw error;
    }
    this.#lookAt = performance.now() + LOOK_MS * Math.max(1, Math.ceil(known.length / MAX_IDS));
  }

  async #askForDoubted(): Promise<void> {
    const ids = [...this.#unverified].slice(0, MAX_IDS);
    const before = new Map(ids.map((id) => [id, this.#cache.get(id)]));
    for (const id of ids) this.#unverified.delete(id);
    try {
      const answer = await libraryOf(this.#client).get(ids, { signal: this.#signal });
      this.#settle(before, answer);
    } catch (error) {
      for (const id of ids) this.#unverified.add(id);
      throw error;
    }
  }

  /** @param before the state of each media when the request was sent */
  #settle(before: ReadonlyMap<string, Media | undefined>, answer: readonly Media[]): void {
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

  #gather(ms = GATHER_MS): void {
    if (this.#signal.aborted) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#show();
    }, ms);
  }

  /** Adds the newest last: it stands above the others. */
  #show(): void {
    const newest = this.#newestLoaded() ?? '';
    const [oldest = ''] = this.#timesOf(this.#ids);
    let isHeld = false;
    const fresh = [...this.#fresh.values()].sort(
      ({ media: a }, { media: b }) => Date.parse(a.created_at) - Date.parse(b.created_at),
    );
    for (const { media, heardAt } of fresh) {
      const { id, created_at } = media;
      const isKnown = this.#cache.isGone(id) || this.#isListed(id);
      if (!isKnown && this.#isOfAnUpload(media, heardAt)) {
        isHeld = true;
        continue;
      }
      this.#fresh.delete(id);
      if (isKnown) this.#takeMedia(media);
      else if (created_at >= newest) this.#cache.add(media);
      // It stands where its time belongs.
      else if (created_at > oldest || !this.#hasMore) this.#cache.bringBack(media);
      // The list will have it when that part is loaded.
      else this.#cache.tell(media);
    }
    if (isHeld) this.#gather(SETTLE_MS / 3);
  }

  /** @returns creation time of the newest loaded media that was not sent meanwhile */
  #newestLoaded(): string | undefined {
    const created = new Set(this.#cache.createdIds);
    return this.#timesOf(this.#ids.filter((id) => !created.has(id))).at(-1);
  }

  /** Sorted, the earliest first. */
  #timesOf(ids: readonly string[]): string[] {
    return ids.flatMap((id) => this.#cache.get(id)?.created_at ?? []).sort();
  }

  /** True if the media is, or may be, a file that is being sent here. */
  #isOfAnUpload({ id, file_name, size }: Media, heardAt: number): boolean {
    const now = performance.now();
    return [...this.#sending.values()].some(({ upload: { announcedId, file }, until }) => {
      if (now > until) return false;
      if (announcedId !== null) return announcedId === id;
      return file.name === file_name && file.size === size && now <= heardAt + HOLD_MS;
    });
  }
}
