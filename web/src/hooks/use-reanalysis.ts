/** Makes an analysis again for many media, and shows how far it is. */
import { isOver } from '@media-analysis/shared/reanalysis-state';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  type MediaClient,
  MediaClientError,
  type Reanalysis,
  type ReanalysisWish,
  reanalysesOf,
} from '../client/index.ts';
import { useMediaClient } from './context.ts';
import { oneForEach, queriesOf, shownError } from './queries.ts';
import type { StoreConnection } from './store.ts';

/** The state of the reanalysis. */
export interface ReanalysisView {
  /** The reanalysis that is quoted, running or just ended; undefined without one. */
  reanalysis: Reanalysis | undefined;
  /** True until the hook knows whether a reanalysis is running. */
  isLoading: boolean;
  /** True while an action is being sent. Other actions do nothing meanwhile. */
  isBusy: boolean;
  /** How news arrives. */
  connection: StoreConnection;
  /** The error of the last action, or of the ended watch (`connection` is `closed`); otherwise undefined. */
  error: MediaClientError | undefined;
}

/** Returned by `useReanalysis`. Its functions do not throw: errors are in `error`. */
export interface ReanalysisControl extends ReanalysisView {
  /** Requests a quote of the cost. Nothing runs before `confirm`. */
  quote: (wish: ReanalysisWish) => Promise<void>;
  /** Starts the quoted reanalysis. */
  confirm: () => Promise<void>;
  /** Pauses it until `resume`. Analyses that have begun are finished. */
  pause: () => Promise<void>;
  /** Continues it. */
  resume: () => Promise<void>;
  /** Ends it. New answers stay. */
  cancel: () => Promise<void>;
  /** Hides a reanalysis that is only quoted, or that has ended. A quote on its way will not be shown. */
  dismiss: () => void;
  /** After an error: finds the reanalysis that is running, and watches it. */
  reload: () => Promise<void>;
}

/**
 * The user's reanalysis: first its quote, then its progress, live while the component is mounted. A running one is found again
 * after a reload, and on another device. News comes by the event stream, or by polling if the stream does not get through. All
 * hooks of a client share one reanalysis. The new answers themselves come with `useLiveLibrary`.
 * @example
 * const { reanalysis, quote, confirm } = useReanalysis();
 * const begin = () => (reanalysis?.state === 'quoted' ? confirm() : quote({ analysis: 'receipt' }));
 */
export function useReanalysis(): ReanalysisControl {
  const client = useMediaClient();
  const { query, actions } = reanalysisOf(client);
  const { data = NOTHING } = useQuery(query, queriesOf(client));
  return useMemo(() => ({ ...data, ...actions }), [data, actions]);
}

const NOTHING: ReanalysisView = {
  reanalysis: undefined,
  isLoading: true,
  isBusy: false,
  connection: 'idle',
  error: undefined,
};

export const reanalysisOf = /* @__PURE__ */ oneForEach((client: MediaClient) => {
  const queryKey = ['reanalysis'];
  const queries = queriesOf(client);
  const calls = reanalysesOf(client);
  /** The last wish, until it is dismissed. */
  let lastWish: ReanalysisWish | undefined;
  const known = () => queries.getQueryData<ReanalysisView>(queryKey) ?? NOTHING;
  const set = (change: Partial<ReanalysisView>) =>
    queries.setQueryData<ReanalysisView>(queryKey, { ...known(), ...change });
  const put = (state: Reanalysis) => {
    const { reanalysis } = known();
    if (reanalysis?.id !== state.id || reanalysis.revision < state.revision)
      set({ reanalysis: state });
  };
  const query = {
    queryKey,
    staleTime: 0,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    /** Continues until the reanalysis has ended, or no component shows it any more. */
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<ReanalysisView> => {
      if (known().connection === 'closed') set({ connection: 'idle', error: undefined });
      try {
        const all = await calls.list({ signal });
        const shown = all.find(({ id }) => id === known().reanalysis?.id);
        const found = all.find(isUnderWay) ?? shown;
        if (found) put(found);
        set({ isLoading: false });
        if (found && isUnderWay(found)) {
          const updates = calls.watch(found.id, {
            signal,
            onConnection: (connection) => signal.aborted || set({ connection }),
          });
          for await (const state of updates) put(state);
        }
        set({ connection: 'idle' });
      } catch (error) {
        if (!signal.aborted)
          set({ isLoading: false, connection: 'closed', error: shownError(error) });
      }
      return known();
    },
  };
  const follow = () => queries.refetchQueries({ queryKey, type: 'active' }).catch(() => undefined);
  const act = async (send: () => Promise<Reanalysis>, wish = lastWish): Promise<void> => {
    if (known().isBusy) return;
    lastWish = wish;
    set({ isBusy: true, error: undefined });
    try {
      const state = await send();
      if (wish !== lastWish) return;
      put(state);
      if (isUnderWay(state) && queries.isFetching({ queryKey }) === 0) void follow();
    } catch (error) {
      if (wish === lastWish) set({ error: shownError(error) });
      // Another tab or device may have started a reanalysis, or ended this one.
      if (error instanceof MediaClientError && error.status === 409) void follow();
    } finally {
      set({ isBusy: false });
    }
  };
  const decide = (action: 'confirm' | 'pause' | 'resume' | 'cancel') => async () => {
    const { reanalysis } = known();
    if (reanalysis) await act(() => calls[action](reanalysis.id));
  };
  const actions = {
    quote: (wish: ReanalysisWish) => act(() => calls.quote(wish), wish),
    confirm: decide('confirm'),
    pause: decide('pause'),
    resume: decide('resume'),
    cancel: decide('cancel'),
    dismiss() {
      lastWish = undefined;
      const { reanalysis } = known();
      if (!reanalysis || !isUnderWay(reanalysis)) set({ reanalysis: undefined, error: undefined });
    },
    async reload() {
      void follow();
    },
  };
  return { query, actions };
});

/** True if news will come. */
const isUnderWay = (reanalysis: Reanalysis): boolean =>
  reanalysis.state !== 'quoted' && !isOver(reanalysis);
