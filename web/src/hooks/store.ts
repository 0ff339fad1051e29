/**
 * The newest known state of every media, shared by all hooks of one client. Whoever needs an item live
 * retains it; while anybody does and it is unfinished, one watch serves them all.
 */
import type { Connection, Media, MediaClient } from '../client/index.ts';

/** `idle`: nothing is unfinished, so nothing is watched. */
export type StoreConnection = Connection | 'idle' | 'closed';

/** Two streams at most: browsers open six connections to a host, and uploads and pictures need some. */
const MAX_WATCHED = 200;

/** Ids that come together (a batch that is accepted, a page that mounts) are watched together. */
const GATHER_MS = 20;
const FRAME_MS = 16;

export class MediaStore {
  private readonly client: MediaClient;
  private readonly media = new Map<string, Media>();
  /** Ids that are not there: deleted, or never the caller's. */
  private readonly gone = new Set<string>();
  private readonly retained = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private watching: { ids: Set<string>; stop: AbortController } | undefined;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private notifying: ReturnType<typeof setTimeout> | undefined;
  private currentConnection: StoreConnection = 'idle';
  private currentError: unknown;

  constructor(client: MediaClient) {
    this.client = client;
  }

  get connection(): StoreConnection {
    return this.currentConnection;
  }

  /** Why watching was given up; `resume` tries again. */
  get error(): unknown {
    return this.currentError;
  }

  get(id: string): Media | undefined {
    return this.media.get(id);
  }

  isGone(id: string): boolean {
    return this.gone.has(id);
  }

  /** Takes states from wherever they come; what is older than what is known is dropped. */
  put(...states: Media[]): void {
    let changed = false;
    for (const state of states) {
      const known = this.media.get(state.id);
      if (this.gone.has(state.id) || (known && known.revision >= state.revision)) continue;
      this.media.set(state.id, state);
      changed = true;
    }
    if (!changed) return;
    this.notify();
    this.gather();
  }

  /** It is deleted: news of it that are still under way are ignored. */
  drop(id: string): void {
    this.gone.add(id);
    this.media.delete(id);
    this.notify();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Keeps these up to date until the answered function is called. */
  retain(ids: readonly string[]): () => void {
    for (const id of ids) this.retained.set(id, (this.retained.get(id) ?? 0) + 1);
    this.gather();
    return () => {
      for (const id of ids) {
        const count = (this.retained.get(id) ?? 0) - 1;
        if (count > 0) this.retained.set(id, count);
        else this.retained.delete(id);
      }
      this.gather();
    };
  }

  /** After an error: watches again. */
  resume(): void {
    this.currentError = undefined;
    this.gather();
    this.notify();
  }

  private gather(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.watch();
    }, GATHER_MS);
  }

  /** Brings what is watched in line with what is wanted. */
  private watch(): void {
    if (this.currentError !== undefined) return;
    const wanted = this.wanted();
    const { watching } = this;
    if (watching) {
      // A watch that serves more than is wanted goes on: it drops what has ended by itself.
      const served = wanted.filter((id) => watching.ids.has(id)).length;
      const isFull = served > MAX_WATCHED / 2 && watching.ids.size >= MAX_WATCHED;
      if (served > 0 && (isFull || served === wanted.length)) return;
      watching.stop.abort();
      this.watching = undefined;
    }
    if (wanted.length === 0) {
      this.report('idle');
      return;
    }
    const ids = wanted.slice(0, MAX_WATCHED);
    this.watching = { ids: new Set(ids), stop: new AbortController() };
    void this.follow(ids, this.watching);
  }

  private wanted(): string[] {
    return [...this.retained.keys()].filter((id) => {
      const status = this.media.get(id)?.status;
      return !this.gone.has(id) && status !== 'completed' && status !== 'failed';
    });
  }

  private async follow(ids: string[], watching: { stop: AbortController }): Promise<void> {
    const isCurrent = () => this.watching === watching;
    try {
      const updates = this.client.watch(ids, {
        signal: watching.stop.signal,
        onConnection: (connection) => isCurrent() && this.report(connection),
      });
      for await (const update of updates) {
        if (!isCurrent()) return;
        if (update.type === 'media') this.put(update.media);
        else this.drop(update.media_id);
      }
    } catch (error) {
      if (!isCurrent()) return;
      this.currentError = error;
      this.report('closed');
    }
    if (!isCurrent()) return;
    this.watching = undefined;
    this.gather();
  }

  private report(connection: StoreConnection): void {
    if (connection === this.currentConnection) return;
    this.currentConnection = connection;
    this.notify();
  }

  /** News often come in bunches: what listens draws once for each. */
  private notify(): void {
    this.notifying ??= setTimeout(() => {
      this.notifying = undefined;
      for (const listener of this.listeners) listener();
    }, FRAME_MS);
  }
}

const stores = new WeakMap<MediaClient, MediaStore>();

/** The one store of a client. */
export function storeOf(client: MediaClient): MediaStore {
  let store = stores.get(client);
  if (!store) {
    store = new MediaStore(client);
    stores.set(client, store);
  }
  return store;
}
