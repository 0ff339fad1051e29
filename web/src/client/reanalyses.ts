/** The calls of reanalyses, which make an analysis again for many media. */
import type { CreateReanalysis, Reanalysis } from '@media-analysis/shared/reanalyses';
import { isOver, REANALYSIS_STATES } from '@media-analysis/shared/reanalysis-state';
import type { AnalysisName } from './analyze.ts';
import type { MediaClient } from './client.ts';
import { notLoaded } from './errors.ts';
import type { Followed, WatchOptions } from './follow.ts';
import { isListOf, isOneOf, isWith, reading } from './guard.ts';
import { depsOf, postOf, type RequestOptions } from './http.ts';

/** The analysis to make again: as in `CreateReanalysis`, with the names that this release knows. */
export type ReanalysisWish = Omit<CreateReanalysis, 'analysis'> & {
  /** The name of the analysis, such as `receipt`. */
  analysis: AnalysisName;
};

/** Makes analyses again for many media. `reanalysesOf` creates it. */
export interface ReanalysisClient {
  /**
   * Quotes the cost of making an analysis again. Nothing runs before `confirm`.
   * @returns the reanalysis in the state `quoted`, with its `quote`
   * @throws {MediaClientError} `invalid_request` if the filter, the model or an input is not possible
   * @example const { quote } = await reanalyses.quote({ analysis: 'receipt', filter: { only: 'missing' } });
   */
  quote(wish: ReanalysisWish, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Lists the user's reanalyses, newest first, at most 50.
   * @example const underWay = (await reanalyses.list()).find(({ state }) => state === 'running');
   */
  list(options?: RequestOptions): Promise<Reanalysis[]>;
  /**
   * Reads one reanalysis.
   * @throws {MediaClientError} `not_found` if it does not exist or belongs to another user
   * @example const { state, done, failed } = await reanalyses.get(id);
   */
  get(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Starts a quoted reanalysis. A second call changes nothing.
   * @throws {MediaClientError} `quote_expired` after an hour; `reanalysis_conflict` if another one of the user is under way
   * @example const { state } = await reanalyses.confirm(id); // 'running'
   */
  confirm(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Pauses a running reanalysis until `resume`. Analyses that have begun are finished.
   * @throws {MediaClientError} `reanalysis_conflict` if it is not under way
   * @example await reanalyses.pause(id);
   */
  pause(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Continues a paused reanalysis.
   * @throws {MediaClientError} `reanalysis_conflict` if it is not under way
   * @example await reanalyses.resume(id);
   */
  resume(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Ends a reanalysis. Analyses that have begun are finished, and new answers stay.
   * @throws {MediaClientError} `reanalysis_conflict` if it is completed
   * @example await reanalyses.cancel(id);
   */
  cancel(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Yields the state of a reanalysis, then each newer state, until it is over. News comes as in `MediaClient.watch`.
   * @throws {MediaClientError} as `MediaClient.watch`; `not_found` if it does not exist or belongs to another user
   * @example for await (const { state, done } of reanalyses.watch(id, { signal })) show(state, done);
   */
  watch(id: string, options?: WatchOptions): AsyncGenerator<Reanalysis, void, undefined>;
}

const FIELDS = {
  id: 'string',
  state: isOneOf(REANALYSIS_STATES),
  quote: isWith({ media: 'number' }),
  done: 'number',
  revision: 'number',
} as const;
const isReanalysis = isWith<Reanalysis>(FIELDS);
const asReanalysis = reading<Reanalysis>(FIELDS);
const asList = reading<{ reanalyses: Reanalysis[] }>({ reanalyses: isListOf(isReanalysis) });

const ROOT = '/api/reanalyses';
const pathOf = (id: string, rest = '') => `${ROOT}/${encodeURIComponent(id)}${rest}`;

/**
 * Makes an analysis again for many media: first a quote, then, after `confirm`, live progress. It is not part of the client, so
 * that pages load it only when they need it.
 * @example
 * const { id, quote } = await reanalysesOf(client).quote({ analysis: 'describe' });
 * if (quote.media > 0) await reanalysesOf(client).confirm(id);
 */
export function reanalysesOf(client: MediaClient): ReanalysisClient {
  const deps = depsOf(client);
  const { http } = deps;
  const act = (action: string) => async (id: string, by?: RequestOptions) =>
    asReanalysis(await http.json(pathOf(id, `/${action}`), { ...by, method: 'POST' }));
  return {
    quote: async (wish, by) => asReanalysis(await http.json(ROOT, { ...by, ...postOf(wish) })),
    list: async (by) => asList(await http.json(ROOT, by)).reanalyses,
    get: async (id, by) => asReanalysis(await http.json(pathOf(id), by)),
    confirm: act('confirm'),
    pause: act('pause'),
    resume: act('resume'),
    cancel: act('cancel'),
    async *watch(id, { signal, onConnection } = {}) {
      const { follow, newestOf, throwUnlessRefused } = await import('./follow.ts').catch(notLoaded);
      yield* newestOf<Reanalysis>((emit, stop) => {
        let newest: Reanalysis | undefined;
        const put = (state: Reanalysis) => {
          if (state.revision <= (newest?.revision ?? -1)) return;
          newest = state;
          emit(id, state);
        };
        const followed: Followed = {
          get isOver() {
            return newest !== undefined && isOver(newest);
          },
          path: () => pathOf(id, '/stream'),
          take(event, data) {
            if (event === 'reanalysis' && isReanalysis(data)) put(data);
          },
          poll: async (init, limitMs) =>
            put(asReanalysis(await http.json(pathOf(id), init, limitMs))),
          refused: throwUnlessRefused,
        };
        return follow(followed, deps, stop, onConnection);
      }, signal);
    },
  };
}
