/** The calls of reanalyses, which make an analysis again for many media. */
import type { CreateReanalysis, Reanalysis } from '@media-analysis/shared/reanalyses';
import { isOver } from '@media-analysis/shared/reanalysis-state';
import type { EventSourceMessage } from 'eventsource-parser';
import type { AnalysisName } from './analyze.ts';
import type { MediaClient, RequestOptions } from './client.ts';
import type { MediaClientError } from './errors.ts';
import { follow, newestOf, type WatchOptions } from './follow.ts';
import { asReanalysis, asReanalysisList, isReanalysis } from './guard.ts';
import type { Http } from './http.ts';
import { parseJson } from './json.ts';
import type { Followed } from './stream.ts';
import { depsOf } from './stream-deps.ts';

/** The analysis to make again: as in `CreateReanalysis`, with the names that this release knows. */
export type ReanalysisWish = Omit<CreateReanalysis, 'analysis'> & {
  /** The name of the analysis, such as `receipt`. */
  analysis: AnalysisName;
};

/** Makes analyses again for many media. `reanalysesOf` makes it. */
export interface ReanalysisClient {
  /**
   * Quotes the cost of making an analysis again. Nothing runs before `confirm`.
   * @returns the reanalysis in the state `quoted`, with its `quote`
   * @throws {MediaClientError} `invalid_request` if the filter, the model or an input is not possible
   * @example
   * ```ts
   * import { reanalysesOf } from '@media-analysis/client';
   *
   * const { id, quote } = await reanalysesOf(client).quote({
   *   analysis: 'receipt',
   *   filter: { only: 'missing', kind: 'image' },
   * });
   * show(`${quote.media} photos for ${quote.cost_usd ?? 'an unknown number of'} US dollars`);
   * await reanalysesOf(client).confirm(id);
   * ```
   */
  quote(wish: ReanalysisWish, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * The user's reanalyses, newest first, at most 50.
   * @throws {MediaClientError}
   * @example
   * ```ts
   * import { reanalysesOf } from '@media-analysis/client';
   *
   * const underWay = (await reanalysesOf(client).list()).find(({ state }) => state === 'running');
   * show(underWay?.done);
   * ```
   */
  list(options?: RequestOptions): Promise<Reanalysis[]>;
  /**
   * Reads one reanalysis.
   * @throws {MediaClientError} `not_found` if it does not exist or belongs to another user
   * @example
   * ```ts
   * import { reanalysesOf } from '@media-analysis/client';
   *
   * const { state, done, failed } = await reanalysesOf(client).get(id);
   * show(state, done, failed);
   * ```
   */
  get(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Starts a quoted reanalysis. A second call changes nothing.
   * @throws {MediaClientError} `quote_expired` if the quote is older than an hour; `reanalysis_conflict` if another
   *   reanalysis of the user is under way
   * @example
   * ```ts
   * import { reanalysesOf } from '@media-analysis/client';
   *
   * const { state } = await reanalysesOf(client).confirm(id); // 'running'
   * show(state);
   * ```
   */
  confirm(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Pauses a running reanalysis until `resume`. Analyses that have begun are finished.
   * @throws {MediaClientError} `reanalysis_conflict` if it is not under way
   * @example
   * ```ts
   * import { reanalysesOf } from '@media-analysis/client';
   *
   * await reanalysesOf(client).pause(id);
   * ```
   */
  pause(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Continues a paused reanalysis.
   * @throws {MediaClientError} `reanalysis_conflict` if it is not under way
   * @example
   * ```ts
   * import { reanalysesOf } from '@media-analysis/client';
   *
   * await reanalysesOf(client).resume(id);
   * ```
   */
  resume(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Ends a reanalysis. Analyses that have begun are finished, and new answers stay.
   * @throws {MediaClientError} `reanalysis_conflict` if it is completed
   * @example
   * ```ts
   * import { reanalysesOf } from '@media-analysis/client';
   *
   * await reanalysesOf(client).cancel(id);
   * ```
   */
  cancel(id: string, options?: RequestOptions): Promise<Reanalysis>;
  /**
   * Yields the state of a reanalysis, then each newer state, until it is over. News comes as in `MediaClient.watch`.
   * @throws {MediaClientError} as `MediaClient.watch`; `not_found` if it does not exist or belongs to another user
   * @example
   * ```ts
   * import { reanalysesOf } from '@media-analysis/client';
   *
   * for await (const { state, done, quote } of reanalysesOf(client).watch(id, { signal })) {
   *   show(`${state}: ${done} of ${quote.media}`);
   * }
   * ```
   */
  watch(id: string, options?: WatchOptions): AsyncGenerator<Reanalysis, void, undefined>;
}

const ROOT = '/api/reanalyses';
const pathOf = (id: string, rest = '') => `${ROOT}/${encodeURIComponent(id)}${rest}`;

/**
 * Makes an analysis again for many media: a quote first, then, confirmed, with live progress. It is not part of the client, so
 * that pages load it only when they need it.
 * @param client from `createMediaClient`
 * @example
 * ```ts
 * import { reanalysesOf } from '@media-analysis/client';
 *
 * const { id, quote } = await reanalysesOf(client).quote({ analysis: 'describe' });
 * if (quote.cost_usd !== null && quote.cost_usd < 1) await reanalysesOf(client).confirm(id);
 * ```
 */
export function reanalysesOf(client: MediaClient): ReanalysisClient {
  const deps = depsOf.get(client);
  if (!deps) throw new Error('Give reanalysesOf what createMediaClient has returned.');
  const { http } = deps;
  const init = ({ signal }: RequestOptions = {}): RequestInit => ({ signal: signal ?? null });
  const act = (action: string) => async (id: string, by?: RequestOptions) =>
    asReanalysis(await http.json(pathOf(id, `/${action}`), { ...init(by), method: 'POST' }));
  return {
    async quote(wish, by) {
      const headers = { 'Content-Type': 'application/json' };
      const body = JSON.stringify(wish);
      return asReanalysis(await http.json(ROOT, { ...init(by), method: 'POST', headers, body }));
    },
    list: async (by) => asReanalysisList(await http.json(ROOT, init(by))),
    get: async (id, by) => asReanalysis(await http.json(pathOf(id), init(by))),
    confirm: act('confirm'),
    pause: act('pause'),
    resume: act('resume'),
    cancel: act('cancel'),
    watch: (id, { signal, onConnection = () => undefined } = {}) =>
      newestOf<Reanalysis>(
        (emit, stop) => follow(new FollowedReanalysis(id, emit), deps, stop, onConnection),
        signal,
      ),
  };
}

class FollowedReanalysis implements Followed {
  readonly #id: string;
  readonly #emit: (key: string, state: Reanalysis) => void;
  #newest: Reanalysis | undefined;

  constructor(id: string, emit: (key: string, state: Reanalysis) => void) {
    this.#id = id;
    this.#emit = emit;
  }

  get isOver(): boolean {
    return this.#newest !== undefined && isOver(this.#newest);
  }

  streamPath(): string {
    return pathOf(this.#id, '/stream');
  }

  take({ event, data }: EventSourceMessage): void {
    const value = parseJson(data);
    if (event === 'reanalysis' && isReanalysis(value)) this.#put(value);
  }

  async poll(http: Http, init: RequestInit, limitMs: number): Promise<void> {
    this.#put(asReanalysis(await http.json(pathOf(this.#id), init, limitMs)));
  }

  missing(error: MediaClientError): void {
    throw error;
  }

  #put(state: Reanalysis): void {
    if (state.revision <= (this.#newest?.revision ?? -1)) return;
    this.#newest = state;
    this.#emit(state.id, state);
  }
}
