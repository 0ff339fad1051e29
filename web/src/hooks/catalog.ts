/** The analyses that the service knows, loaded when the first component needs them. */
import type { AnalysisInfo, MediaClient } from '../client/index.ts';
import { loadWithRetry } from './retry-delay.ts';

/** Returned by `useAnalyses`. */
export interface Analyses {
  /** All analyses in the order of their names, also those that the service does not offer. Empty until they are loaded. */
  analyses: readonly AnalysisInfo[];
  /** True while the list is being loaded. */
  isLoading: boolean;
  /**
   * The `MediaClientError` if the list could not be loaded. If another try can succeed, the list is loaded again after a while,
   * and when the browser is online again. Otherwise the next component that needs it tries again.
   */
  error: unknown;
}

/** Analyses change only with a new release of the service, so one request serves all components of a client. */
class AnalysisCatalog {
  readonly #client: MediaClient;
  readonly #listeners = new Set<() => void>();
  #state: Analyses = { analyses: [], isLoading: true, error: undefined };
  #loading: AbortController | undefined;

  constructor(client: MediaClient) {
    this.#client = client;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (!this.#isKnown && !this.#loading) void this.#load();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#state.error === undefined) return;
      // No component waits for another try.
      this.#loading?.abort();
      this.#loading = undefined;
    };
  };

  getSnapshot = (): Analyses => this.#state;

  get #isKnown(): boolean {
    return !this.#state.isLoading && this.#state.error === undefined;
  }

  async #load(): Promise<void> {
    const stop = new AbortController();
    this.#loading = stop;
    const fail = (error: unknown) => this.#set({ analyses: [], isLoading: false, error });
    try {
      const analyses = await loadWithRetry(() => this.#client.analyses(), stop.signal, fail);
      this.#set({ analyses, isLoading: false, error: undefined });
    } catch (error) {
      if (!stop.signal.aborted) fail(error);
    }
    if (this.#loading === stop) this.#loading = undefined;
  }

  #set(state: Analyses): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

const catalogs = new WeakMap<MediaClient, AnalysisCatalog>();

/** Each client has exactly one catalog. */
export function catalogOf(client: MediaClient): AnalysisCatalog {
  let catalog = catalogs.get(client);
  if (!catalog) {
    catalog = new AnalysisCatalog(client);
    catalogs.set(client, catalog);
  }
  return catalog;
}
