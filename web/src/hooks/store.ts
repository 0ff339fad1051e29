/**
 * The newest known state of every media, shared by all hooks of one client. A hook that shows a media live retains it. One watch
 * serves all hooks, and runs while a retained media is unfinished.
 */
import { isTerminal } from '@media-analysis/shared/status';
import type { Connection, Media, MediaClient, MediaClientError } from '../client/index.ts';
import { oneForEach, shownError } from './queries.ts';
import { type News, openTabs, type Tabs } from './tabs.ts';

/**
 * How news of the watched media arrives now.
 * - `connecting`, `live`, `reconnecting`, `polling`: as in `Connection` of the client
 * - `idle`: every media has ended, so nothing is watched
 * - `closed`: watching ended with an error; `resume` starts it again
 */
export type StoreConnection = Connection | 'idle' | 'closed';

/** Two streams at most. Browsers open six connections to a host, and uploads and pictures need some. */
const MAX_WATCHED = 200;
/** Ids that come within this time (an accepted batch, a page that mounts) are watched together. */
const GATHER_MS = 20;
const FRAME_MS = 16;

export class MediaCache {
  connection: StoreConnection = 'idle';
  /** The error that ended the watch. */
  error: MediaClientError | undefined;
  /** Counts media that came, ended, were edited or brought back: a search may have other results since. */
  changes = 0;
  /** Number of deletions. */
  dropped = 0;
  /** Ids of media that were sent by any tab of the user, the latest first. */
  createdIds: readonly string[] = [];
  /** Ids of media that came back from the bin: a list may not have loaded them before. */
  backIds: readonly string[] = [];
  readonly #client: MediaClient;
  readonly #media = new Map<string, Media>();
  /** Ids of media that were deleted or never belonged to the user. */
  readonly #gone = new Set<string>();
  readonly #unsent = new Set<string>();
  readonly #retained = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #watching: { ids: Set<string>; stop: AbortController } | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #notifying: ReturnType<typeof setTimeout> | undefined;
  #tabs: Tabs | undefined;

  constructor(client: MediaClient) {
    this.#client = client;
  }

  get(id: string): Media | undefined {
    return this.#media.get(id);
  }

  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /** True if the media was deleted before its bytes had arrived: it is not in the bin. */
  wasUnsent(id: string): boolean {
    return this.#unsent.has(id);
  }

  /** Takes states that other tabs may know too. A state older than the known one is dropped. */
  put(...states: Media[]): void {
    this.#take(states);
  }

  /** @param isNews true if the states were not read on request: then an unknown media is new */
  #take(states: readonly Media[], isNews = false): void {
    let isChanged = false;
    for (const state of states) {
      const known = this.#media.get(state.id);
      if (this.#gone.has(state.id) || (known && known.revision >= state.revision)) continue;
      // The owner has started the media again. The watch has dropped it, so it needs a new watch.
      if (known && isTerminal(known.status)) this.#watching?.ids.delete(state.id);
      if ((known || isNews) && isTerminal(state.status)) this.changes += 1;
      this.#media.set(state.id, state);
      isChanged = true;
    }
    if (!isChanged) return;
    this.#notify();
    this.#gather();
  }

  /** Takes a new state, and tells the other tabs. */
  tell(state: Media): void {
    this.#share({ media: [state] });
  }

  /** Takes a media that was just sent, and tells the other tabs. */
  add(state: Media): void {
    this.#share({ media: [state], created: [state.id] });
  }

  /** Forgets a deleted media, and ignores late news of it. */
  drop(id: string): void {
    this.#share({ gone: [id] });
  }

  /** Takes media that are back from the bin. */
  bringBack(...states: Media[]): void {
    this.#share({ media: states, back: states.map(({ id }) => id) });
  }

  #share(news: News): void {
    this.#hear(news);
    this.#tabs?.tell(news);
  }

  #hear({ media = [], created = [], gone = [], back = [] }: News): void {
    if (created.length > 0) this.createdIds = [...created, ...this.createdIds];
    for (const id of back) {
      this.#gone.delete(id);
      // The watch has dropped the media.
      this.#watching?.ids.delete(id);
    }
    if (back.length > 0) {
      this.backIds = [...new Set([...this.backIds, ...back])];
      this.changes += 1;
    }
    this.#take(media, true);
    for (const id of gone) {
      this.#gone.add(id);
      if (this.#media.get(id)?.wait_code === 'no_bytes') this.#unsent.add(id);
      this.#media.delete(id);
      this.dropped += 1;
    }
    if (back.length + gone.length > 0) this.#notify();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  retain(ids: readonly string[]): () => void {
    const count = (by: number) => {
      for (const id of ids) {
        const users = (this.#retained.get(id) ?? 0) + by;
        if (users > 0) this.#retained.set(id, users);
        else this.#retained.delete(id);
      }
      this.#gather();
    };
    count(1);
    return () => count(-1);
  }

  resume(): void {
    this.error = undefined;
    this.#gather();
    this.#notify();
  }

  share(name: string): () => void {
    const tabs = openTabs(name, {
      onTurn: () => this.#gather(),
      onWants: (ids) =>
        tabs.tell({
          media: ids.flatMap((id) => this.#media.get(id) ?? []),
          gone: ids.filter((id) => this.#gone.has(id)),
        }),
      onNews: (news) => this.#hear(news),
    });
    this.#tabs = tabs;
    return () => {
      tabs.close();
      this.#tabs = undefined;
      this.#gather();
    };
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#watch();
    }, GATHER_MS);
  }

  /** Starts, changes or ends the watch, so that it covers the wanted media. */
  #watch(): void {
    if (this.error !== undefined) return;
    const own = this.#unfinished(this.#retained.keys());
    const tabs = this.#tabs;
    tabs?.want(own);
    let wanted = own;
    if (tabs) wanted = tabs.isLeading() ? this.#unfinished([...own, ...tabs.wantedByOthers()]) : [];
    const watching = this.#watching;
    if (watching) {
      // A watch may have more ids than wanted. It continues, because it drops finished media by itself.
      const served = wanted.filter((id) => watching.ids.has(id)).length;
      const isFull = served > MAX_WATCHED / 2 && watching.ids.size >= MAX_WATCHED;
      if (served > 0 && (isFull || served === wanted.length)) return;
      watching.stop.abort();
      this.#watching = undefined;
    }
    if (wanted.length === 0) {
      // If another tab follows, that tab tells this one.
      this.#report(own.length === 0 ? 'idle' : 'live');
      return;
    }
    const ids = wanted.slice(0, MAX_WATCHED);
    this.#watching = { ids: new Set(ids), stop: new AbortController() };
    void this.#follow(ids, this.#watching);
  }

  #unfinished(ids: Iterable<string>): string[] {
    return [...new Set(ids)].filter((id) => {
      const status = this.#media.get(id)?.status;
      return !this.#gone.has(id) && !(status && isTerminal(status));
    });
  }

  async #follow(ids: string[], watching: { stop: AbortController }): Promise<void> {
    const isCurrent = () => this.#watching === watching;
    try {
      const updates = this.#client.watch(ids, {
        signal: watching.stop.signal,
        onConnection: (connection) => isCurrent() && this.#report(connection),
      });
      for await (const update of updates) {
        if (!isCurrent()) return;
        if (update.type === 'media') this.tell(update.media);
        else this.drop(update.media_id);
      }
    } catch (error) {
      if (!isCurrent()) return;
      this.error = shownError(error);
      this.#report('closed');
    }
    if (!isCurrent()) return;
    this.#watching = undefined;
    this.#gather();
  }

  #report(connection: StoreConnection): void {
    if (connection === this.connection) return;
    this.connection = connection;
    this.#notify();
  }

  /** News often comes in groups. Listeners are called once for all news of a frame. */
  #notify(): void {
    this.#notifying ??= setTimeout(() => {
      this.#notifying = undefined;
      for (const listener of this.#listeners) listener();
    }, FRAME_MS);
  }
}

export const storeOf = /* @__PURE__ */ oneForEach((client) => new MediaCache(client));

/**
 * Lets all tabs of a browser share one event stream, and show at once the files that one tab sends or deletes. Without Web
 * Locks, for example on a page by plain http, each tab has a stream of its own.
 * @param userId the signed-in user: tabs of another user share nothing with this one
 * @returns a function that ends the sharing, as for an effect
 * @example
 * const end = shareTabs(client, 'alice');
 */
export function shareTabs(client: MediaClient, userId: string): () => void {
  // On pages without https, `locks` is undefined, although the types promise it.
  const { locks }: { locks?: LockManager } = navigator;
  if (!locks || typeof BroadcastChannel === 'undefined') return () => undefined;
  // The number grows when messages change: the page of an older release may be open.
  return storeOf(client).share(`media-analysis-2 ${userId}`);
}
