/** The analyses that the service knows. */
import { useSyncExternalStore } from 'react';
import type { AnalysisInfo, MediaClient } from '../client/index.ts';
import { useMediaClient } from './context.ts';

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

function catalogOf(client: MediaClient): AnalysisCatalog {
  let catalog = catalogs.get(client);
  if (!catalog) {
    catalog = new AnalysisCatalog(client);
    catalogs.set(client, catalog);
  }
  return catalog;
}

/**
 * The analyses that a media can be asked for: what each is called, what it needs, what it answers, and whether the model of
 * this service can make it. They are loaded once for all components of a client.
 * @example
 * ```tsx
 * import { useAnalyses, useMediaActions } from '@media-analysis/web/hooks';
 *
 * export function Menu({ id }: { id: string }) {
 *   const { analyses } = useAnalyses();
 *   const { ask } = useMediaActions();
 *   return analyses
 *     .filter(({ offered, required }) => offered && required.length === 0)
 *     .map(({ name, title }) => (
 *       <button key={name} onClick={() => void ask(id, name)}>
 *         {title}
 *       </button>
 *     ));
 * }
 * ```
 */
export function useAnalyses(): Analyses {
  const { subscribe, getSnapshot } = catalogOf(useMediaClient());
  return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
}
