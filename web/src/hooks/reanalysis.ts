/** The present reanalysis of the signed-in user, shared by all hooks of one client. */
import { isOver } from '@media-analysis/shared/reanalysis-state';
import {
  type MediaClient,
  type Reanalysis,
  type ReanalysisClient,
  type ReanalysisWish,
  reanalysesOf,
} from '../client/index.ts';
import { type StoreConnection, storeOf } from './store.ts';

/** The state of the reanalysis. */
export interface ReanalysisView {
  /** The reanalysis that is quoted, running or just over; undefined if there is none. */
  reanalysis: Reanalysis | undefined;
  /** True until it is known if one is running. */
  isLoading: boolean;
  /** True while an action is being sent. Other actions do nothing meanwhile. */
  isBusy: boolean;
  /** How news arrives. */
  connection: StoreConnection;
  /** The `MediaClientError` of the last action, or of the ended watch (`connection` is `closed`); otherwise undefined. */
  error: unknown;
}

const NOTHING: ReanalysisView = {
  reanalysis: undefined,
  isLoading: true,
  isBusy: false,
  connection: 'idle',
  error: undefined,
};

/** While a reanalysis changes media that are shown, they are read at most this often. */
const REFRESH_MS = 10_000;
/** While it runs, only the top of the list is read: the operator pays for each read. */
const REFRESHED = { underWay: 24, over: 100 };

export class ReanalysisStore {
  readonly #client: MediaClient;
  readonly #reanalyses: ReanalysisClient;
  readonly #listeners = new Set<() => void>();
  #view = NOTHING;
  #watching: { id: string; stop: AbortController } | undefined;
  /** The last wish, until it is dismissed. */
  #wish: ReanalysisWish | undefined;
  #loading: Promise<void> | undefined;
  #refreshing: ReturnType<typeof setTimeout> | undefined;

  constructor(client: MediaClient) {
    this.#client = client;
    this.#reanalyses = reanalysesOf(client);
  }

  getSnapshot = (): ReanalysisView => this.#view;

  /** The first listener starts the watch, and the last one ends it. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#loading ??= this.#load();
    this.#follow();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#unfollow();
      clearTimeout(this.#refreshing);
      this.#refreshing = undefined;
    };
  };

  /** Finds the reanalysis that is running, and watches it. */
  reload = (): Promise<void> => {
    this.#loading = this.#load();
    return this.#loading;
  };

  quote = (wish: ReanalysisWish): Promise<void> =>
    this.#act(
      () => {
        this.#wish = wish;
        return this.#reanalyses.quote(wish);
      },
      () => this.#wish === wish,
    );

  /** Sends the user's decision about the reanalysis that is shown. */
  act = (action: 'confirm' | 'pause' | 'resume' | 'cancel'): Promise<void> => {
    const { reanalysis } = this.#view;
    if (!reanalysis) return Promise.resolve();
    return this.#act(() => this.#reanalyses[action](reanalysis.id));
  };

  /** Hides a reanalysis that is only quoted, or that has ended. A quote on its way will not be shown. */
  dismiss = (): void => {
    this.#wish = undefined;
    const { reanalysis } = this.#view;
    if (reanalysis && isUnderWay(reanalysis)) return;
    this.#set({ reanalysis: undefined, error: undefined });
  };

  async #act(send: () => Promise<Reanalysis>, isWanted = () => true): Promise<void> {
    if (this.#view.isBusy) return;
    this.#set({ isBusy: true, error: undefined });
    try {
      const state = await send();
      if (isWanted()) this.#put(state);
    } catch (error) {
      if (isWanted()) this.#set({ error });
      // Another tab or device may have started a reanalysis, or ended this one.
      if ((error as { status?: number }).status === 409) await this.#find();
    } finally {
      this.#set({ isBusy: false });
    }
  }

  async #load(): Promise<void> {
    this.#set({ error: undefined });
    try {
      await this.#find();
    } catch (error) {
      this.#set({ error });
    } finally {
      this.#set({ isLoading: false });
    }
  }

  async #find(): Promise<void> {
    const all = await this.#reanalyses.list();
    const shown = all.find(({ id }) => id === this.#view.reanalysis?.id);
    const found = all.find(isUnderWay) ?? shown;
    if (found) this.#put(found);
  }

  #put(state: Reanalysis): void {
    const known = this.#view.reanalysis;
    const isSame = known?.id === state.id;
    if (!isSame || known.revision < state.revision) {
      this.#set({ reanalysis: state });
      if (isSame) this.#refreshMedia();
    }
    this.#follow();
  }

  #follow(): void {
    const { reanalysis } = this.#view;
    const isWanted = reanalysis && isUnderWay(reanalysis) && this.#listeners.size > 0;
    if (isWanted && this.#watching?.id === reanalysis.id) return;
    this.#unfollow();
    if (!isWanted) return;
    this.#watching = { id: reanalysis.id, stop: new AbortController() };
    void this.#watch(this.#watching);
  }

  #unfollow(): void {
    const watching = this.#watching;
    this.#watching = undefined;
    watching?.stop.abort();
    this.#set({ connection: 'idle' });
  }

  async #watch(watching: { id: string; stop: AbortController }): Promise<void> {
    const isCurrent = () => this.#watching === watching;
    try {
      const states = this.#reanalyses.watch(watching.id, {
        signal: watching.stop.signal,
        onConnection: (connection) => isCurrent() && this.#set({ connection }),
      });
      for await (const state of states) {
        if (!isCurrent()) return;
        this.#put(state);
      }
    } catch (error) {
      if (!isCurrent()) return;
      this.#watching = undefined;
      this.#set({ connection: 'closed', error });
    }
  }

  /** The new answers belong to media that are completed, so no watch reports them. */
  #refreshMedia(): void {
    const { reanalysis } = this.#view;
    const isLast = reanalysis !== undefined && isOver(reanalysis);
    if (isLast) clearTimeout(this.#refreshing);
    else if (this.#refreshing !== undefined) return;
    this.#refreshing = setTimeout(
      () => {
        this.#refreshing = undefined;
        const limit = isLast ? REFRESHED.over : REFRESHED.underWay;
        // If this fails, the next news or the next load of the page brings the same.
        this.#client.list({ limit }).then(
          ({ media }) => storeOf(this.#client).put(...media),
          () => undefined,
        );
      },
      isLast ? 0 : REFRESH_MS,
    );
  }

  #set(change: Partial<ReanalysisView>): void {
    const next = { ...this.#view, ...change };
    const names = Object.keys(change) as (keyof ReanalysisView)[];
    if (names.every((name) => this.#view[name] === next[name])) return;
    this.#view = next;
    for (const listener of this.#listeners) listener();
  }
}

/** True if news will come. */
function isUnderWay(reanalysis: Reanalysis): boolean {
  return reanalysis.state !== 'quoted' && !isOver(reanalysis);
}

const stores = new WeakMap<MediaClient, ReanalysisStore>();

/** Each client has exactly one store. */
export function reanalysisOf(client: MediaClient): ReanalysisStore {
  let store = stores.get(client);
  if (!store) {
    store = new ReanalysisStore(client);
    stores.set(client, store);
  }
  return store;
}
