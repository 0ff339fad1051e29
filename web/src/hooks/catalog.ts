/** The analyses that the service knows, loaded when the first component needs them. */
import type { AnalysisInfo, MediaClient } from '../client/index.ts';

/** What `useAnalyses` returns. */
export interface Analyses {
  /** All analyses in the order of their names, also those that are not offered. Empty until they are known. */
  analyses: readonly AnalysisInfo[];
  /** Whether the list is still being loaded. */
  isLoading: boolean;
  /** The `MediaClientError` if the list could not be loaded. The next component that needs it tries again. */
  error: unknown;
}

/** They change only with a new release of the service, so one request serves all components of a client. */
class AnalysisCatalog {
  readonly #client: MediaClient;
  readonly #listeners = new Set<() => void>();
  #state: Analyses = { analyses: [], isLoading: true, error: undefined };
  #loading: Promise<void> | undefined;

  constructor(client: MediaClient) {
    this.#client = client;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#loading ??= this.#load();
    return () => this.#listeners.delete(listener);
  };

  getSnapshot = (): Analyses => this.#state;

  async #load(): Promise<void> {
    try {
      this.#set({ analyses: await this.#client.analyses(), isLoading: false, error: undefined });
    } catch (error) {
      this.#loading = undefined;
      this.#set({ analyses: [], isLoading: false, error });
    }
  }

  #set(state: Analyses): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

const catalogs = new WeakMap<MediaClient, AnalysisCatalog>();

/** The list of a client. Each client has exactly one. */
export function catalogOf(client: MediaClient): AnalysisCatalog {
  let catalog = catalogs.get(client);
  if (!catalog) {
    catalog = new AnalysisCatalog(client);
    catalogs.set(client, catalog);
  }
  return catalog;
}
