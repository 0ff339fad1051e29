/**
 * The newest known state of every media, shared by all hooks of one client. A hook that shows a media live retains it. One watch
 * serves all hooks, and runs while a retained media is unfinished.
 */
import { isTerminal } from '@media-analysis/shared/status';
import {
  type Connection,
  type Media,
  type MediaClient,
  MediaClientError,
} from '../client/index.ts';
import type { News, TabEvents, Tabs } from './tabs.ts';

/**
 * How news of the watched media arrives now.
 * - `connecting`, `live`, `reconnecting`, `polling`: as in `Connection` of the client
 * - `idle`: every media has ended, so nothing is watched
 * - `closed`: watching ended with an error; `resume` starts it again
 */
export type StoreConnection = Connection | 'idle' | 'closed';

/** This makes two streams at most. Browsers open six connections to a host, and uploads and pictures need some. */
const MAX_WATCHED = 200;

/** Ids that come within this time (an accepted batch, a page that mounts) are watched together. */
const GATHER_MS = 20;
const FRAME_MS = 16;

export class MediaCache {
  readonly #client: MediaClient;
  readonly #media = new Map<string, Media>();
  /** Ids of media that were deleted or never belonged to the user. */
  readonly #gone = new Set<string>();
  /** Deleted media whose bytes had not arrived: they are not in the bin. */
  readonly #unsent = new Set<string>();
  readonly #retained = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #watching: { ids: Set<string>; stop: AbortController } | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #notifying: ReturnType<typeof setTimeout> | undefined;
  #changes = 0;
  #dropped = 0;
  #currentConnection: StoreConnection = 'idle';
  #currentError: unknown;
  #createdIds: readonly string[] = [];
  #backIds: readonly string[] = [];
  #join: (() => void) | undefined;
  #isJoining = false;
  #tabs: Tabs | undefined;
  /** How news reaches the tab that follows. */
  #heardConnection: StoreConnection = 'connecting';

  constructor(client: MediaClient) {
    this.#client = client;
  }

  get connection(): StoreConnection {
    return this.#currentConnection;
  }

  /** The error that ended watching; `resume` tries again. */
  get error(): unknown {
    return this.#currentError;
  }

  /** Number of times that a media has come, ended, was edited or brought back: a search may have other results since. */
  get changes(): number {
    return this.#changes;
  }

  /** Number of deletions of media that were reported. */
  get dropped(): number {
    return this.#dropped;
  }

  get(id: string): Media | undefined {
    return this.#media.get(id);
  }

  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /** True if it was deleted before its bytes had arrived: then it is not in the bin. */
  wasUnsent(id: string): boolean {
    return this.#unsent.has(id);
  }

  /** Ids of media that were sent by any tab of the user, the latest first. */
  get createdIds(): readonly string[] {
    return this.#createdIds;
  }

  /** Ids of media that came back from the bin: a list may not have loaded them before. */
  get backIds(): readonly string[] {
    return this.#backIds;
  }

  /** Takes states that other tabs may know too. A state older than the known one is dropped. */
  put(...states: Media[]): void {
    this.#take(states);
  }

  /** @param isNews true if the states were not read on request: then an unknown media is new */
  #take(states: readonly Media[], isNews = false): void {
    this.#join?.();
    let changed = false;
    for (const state of states) {
      const known = this.#media.get(state.id);
      if (this.#gone.has(state.id) || (known && known.revision >= state.revision)) continue;
      // Its owner has started it again. The watch has dropped it, so it needs a new one.
      if (known && isTerminal(known.status)) this.#watching?.ids.delete(state.id);
      if ((known || isNews) && isTerminal(state.status)) this.#changes += 1;
      this.#media.set(state.id, state);
      changed = true;
    }
    if (!changed) return;
    this.#notify();
    this.#gather();
  }

  /** Takes a new state from the stream, from polling or from the answer to an action, and tells the other tabs. */
  tell(state: Media): void {
    this.#take([state], true);
    this.#tabs?.tell({ media: [state] });
  }

  /** Takes a media that was just sent. */
  add(state: Media): void {
    this.#createdIds = [state.id, ...this.#createdIds];
    this.#take([state], true);
    this.#tabs?.tell({ media: [state], created: [state.id] });
  }

  /** Forgets a deleted media. Late news of it is ignored. */
  drop(id: string): void {
    this.#forget(id);
    this.#tabs?.tell({ gone: [id] });
  }

  /** Takes media that are back from the bin. */
  bringBack(...states: Media[]): void {
    const back = states.map(({ id }) => id);
    this.#revive(back);
    this.put(...states);
    this.#tabs?.tell({ media: states, back });
  }

  #revive(ids: readonly string[]): void {
    for (const id of ids) {
      this.#gone.delete(id);
      // The watch has dropped it.
      this.#watching?.ids.delete(id);
    }
    this.#backIds = [...new Set([...this.#backIds, ...ids])];
    if (ids.length === 0) return;
    this.#changes += 1;
    this.#notify();
  }

  #forget(id: string): void {
    this.#gone.add(id);
    if (this.#media.get(id)?.wait_code === 'no_bytes') this.#unsent.add(id);
    this.#dropped += 1;
    this.#media.delete(id);
    this.#notify();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Keeps these media up to date until the returned function is called. */
  retain(ids: readonly string[]): () => void {
    for (const id of ids) this.#retained.set(id, (this.#retained.get(id) ?? 0) + 1);
    this.#gather();
    return () => {
      for (const id of ids) {
        const count = (this.#retained.get(id) ?? 0) - 1;
        if (count > 0) this.#retained.set(id, count);
        else this.#retained.delete(id);
      }
      this.#gather();
    };
  }

  /** Watches again after an error. */
  resume(): void {
    this.#clearError();
    this.#tabs?.tell({ resumes: true });
  }

  #clearError(): void {
    this.#currentError = undefined;
    this.#gather();
    this.#notify();
  }

  /**
   * Lets the tabs of a browser share one watch. They join with the first answer of the server: before, there is nothing to share.
   * @param join if it fails, this tab watches for itself
   * @returns a function that ends it
   */
  share(join: (events: TabEvents) => Promise<Tabs>): () => void {
    let isOver = false;
    this.#join = () => {
      this.#join = undefined;
      this.#isJoining = true;
      join({
        onTurn: () => this.#gather(),
        onWants: (ids) => this.#answer(ids),
        onNews: (news) => this.#hear(news),
      })
        .then(
          (tabs) => {
            if (isOver) tabs.close();
            else this.#tabs = tabs;
          },
          () => undefined,
        )
        .finally(() => {
          this.#isJoining = false;
          this.#gather();
        });
    };
    return () => {
      isOver = true;
      this.#join = undefined;
      this.#tabs?.close();
      this.#tabs = undefined;
    };
  }

  /** Sends the known states of media that another tab wants. */
  #answer(ids: readonly string[]): void {
    const media = ids.flatMap((id) => this.#media.get(id) ?? []);
    const gone = ids.filter((id) => this.#gone.has(id));
    this.#tabs?.tell({ media, gone });
    this.#tellConnection();
  }

  #tellConnection(): void {
    if (!this.#tabs?.isLeading) return;
    const error = this.#currentError;
    const isKnown = error instanceof MediaClientError;
    this.#tabs.tell({
      connection: this.#currentConnection,
      ...(isKnown && { error: { code: error.code, message: error.message, status: error.status } }),
    });
  }

  #hear({
    media = [],
    created = [],
    gone = [],
    back = [],
    connection,
    error,
    resumes,
  }: News): void {
    if (created.length > 0) this.#createdIds = [...created, ...this.#createdIds];
    this.#revive(back);
    this.#take(media, true);
    for (const id of gone) this.#forget(id);
    if (resumes && this.#currentError !== undefined) this.#clearError();
    if (connection === undefined || this.#tabs?.isLeading) return;
    this.#heardConnection = connection;
    if (error) {
      this.#currentError = new MediaClientError(error.code, error.message, error);
      this.#report('closed');
    } else if (this.#currentError !== undefined) this.#clearError();
    this.#gather();
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#watch();
    }, GATHER_MS);
  }

  /** Starts, changes or ends the watch, so that it covers the wanted media. */
  #watch(): void {
    const own = this.#unfinished(this.#retained.keys());
    if (own.length > 0) this.#join?.();
    if (this.#isJoining || this.#currentError !== undefined) return;
    const tabs = this.#tabs;
    tabs?.want(own);
    let wanted = own;
    if (tabs) wanted = tabs.isLeading ? this.#unfinished([...own, ...tabs.wantedByOthers]) : [];
    const watching = this.#watching;
    if (watching) {
      // A watch may have more ids than are wanted. It goes on, because it drops finished media by itself.
      const served = wanted.filter((id) => watching.ids.has(id)).length;
      const isFull = served > MAX_WATCHED / 2 && watching.ids.size >= MAX_WATCHED;
      if (served > 0 && (isFull || served === wanted.length)) return;
      watching.stop.abort();
      this.#watching = undefined;
    }
    if (wanted.length === 0) {
      this.#report(own.length === 0 ? 'idle' : this.#heardConnection);
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
      this.#currentError = error;
      this.#report('closed');
    }
    if (!isCurrent()) return;
    this.#watching = undefined;
    this.#gather();
  }

  #report(connection: StoreConnection): void {
    if (connection === this.#currentConnection) return;
    this.#currentConnection = connection;
    this.#tellConnection();
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

const stores = new WeakMap<MediaClient, MediaCache>();

/** Each client has exactly one cache. */
export function storeOf(client: MediaClient): MediaCache {
  let store = stores.get(client);
  if (!store) {
    store = new MediaCache(client);
    stores.set(client, store);
  }
  return store;
}
