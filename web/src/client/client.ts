/** The client of the API, for browsers and Node. It needs no framework. */
import type { AnalysisInfo, AnalysisList, Ask } from '@media-analysis/shared/analyses';
import type { Media, SignedUrl } from '@media-analysis/shared/media';
import type { EarlierResult, EarlierResults } from '@media-analysis/shared/results';
import type { MediaFilters, MediaList } from '@media-analysis/shared/search';
import type { AnalyzeMediaResponse } from '@media-analysis/shared/uploads';
import type { UsageReport } from '@media-analysis/shared/usage';
import type { AnalysisInput, AnalysisName, AnalyzeOptions } from './analyze.ts';
import { browserWakeUps, type Clock, systemClock, type WakeUps } from './clock.ts';
import { MediaClientError, notLoaded } from './errors.ts';
import type { WatchOptions } from './follow.ts';
import type { CutFrames } from './frames.ts';
import { asMedia, asMediaList, isList, reading } from './guard.ts';
import {
  createHttp,
  type GetToken,
  headersFor,
  keepDeps,
  mediaPath,
  newHealth,
  postOf,
  queryOf,
  type RequestOptions,
  type WriteOptions,
} from './http.ts';
import type { UploadLimits } from './requests.ts';
import type { SendDeps } from './send-deps.ts';
import type { MediaUpdate, WaitOptions } from './watch.ts';

/** Settings of a client. Each has a default that suits a page on the API's own origin without sign-in. */
export interface MediaClientOptions {
  /** The address of the API, e.g. `https://api.example.com`; by default the page's own origin. */
  baseUrl?: string | undefined;
  /** The address of the event stream; by default `baseUrl`. Without a load balancer the stream has an address of its own. */
  streamUrl?: string | undefined;
  /** Returns the signed-in user's token. By default requests carry no token. */
  getToken?: GetToken | undefined;
  /** In place of `getToken`, on a server: a service key (`mk_…`), which acts for `onBehalfOf`. Refused in a browser. */
  serviceKey?: string | undefined;
  /** The user for whom the service key acts: the `sub` of the user's tokens, or an id of your own. See `MediaClient.onBehalfOf`. */
  onBehalfOf?: string | undefined;
  /** Makes all requests except those that send files from a browser: XMLHttpRequest does. By default the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /** How files are split into requests. Change it only together with the server's own limits. */
  limits?: Partial<UploadLimits> | undefined;
  /** Cuts pictures from each video and sends them along, such as `cutVideoFrames` of this package. By default none are cut. */
  cutFrames?: CutFrames | undefined;
  /** Time and random numbers, for tests. */
  clock?: Clock;
  /** Events that end a wait early, for tests. By default the browser's own. */
  wakeUps?: WakeUps;
}

export interface PageOptions extends RequestOptions {
  /** Media a page; 24 by default. */
  limit?: number | undefined;
  /** The `next_page_token` of the page before. */
  pageToken?: string | undefined;
}

type NeedsNoInput<Name extends AnalysisName> =
  Record<never, never> extends AnalysisInput<Name> ? true : false;

/** Options of `MediaClient.ask`. The input is required if the analysis needs one. */
export type AskOptions<Name extends AnalysisName> = RequestOptions & {
  /** The language of the answer, such as `ja`; by default the language of the upload. */
  language?: string | undefined;
} & (NeedsNoInput<Name> extends true
    ? { input?: AnalysisInput<Name> }
    : { input: AnalysisInput<Name> });

/**
 * `preview`: a small upright JPEG, for photos, and for videos with `frames`. `small`: a smaller JPEG for a tile, or else the
 * preview. `binned`: the preview of a media in the bin. `content`: the original for display. `download`: the original as a file.
 */
export type Rendition = 'preview' | 'small' | 'binned' | 'content' | 'download';

/** Reads and changes the user's media. A call that fails throws a `MediaClientError`, or the reason of its signal. */
export interface MediaClient {
  /**
   * Sends files to be stored and analysed, in as many requests as needed. A request is repeated if the network fails or the
   * service is busy.
   * @returns the accepted files as media, the others with the reason, when the last file is sent
   * @throws {MediaClientError} if no file was accepted
   * @example
   * const onProgress = ({ sent = 0, total = 0 }) => show(`${sent} of ${total} bytes`);
   * const { media_ids, rejected } = await client.analyze(files, { language: 'ja', onProgress });
   */
  analyze(files: readonly File[], options?: AnalyzeOptions): Promise<AnalyzeMediaResponse>;
  /**
   * Stops sending bytes until `resumeSending`. Calls wait and do not fail. Nothing is sent twice, and accepted files go on.
   * @example client.pauseSending(); // a video call needs the line
   */
  pauseSending(): void;
  /**
   * Continues after `pauseSending`.
   * @example client.resumeSending();
   */
  resumeSending(): void;
  /**
   * Yields the state of each media, then each newer state, until all are completed, failed or gone: by the event stream, or by
   * polling where it does not get through. A state differs from the one before in more than `revision` and `updated_at`. A slow
   * consumer gets the newest state of each media, not every state.
   * @throws {MediaClientError} if the user is not signed in, or the request is invalid; the watch waits while other faults last
   * @example
   * for await (const update of client.watch(ids, { signal })) {
   *   if (update.type === 'media') show(update.media.status, update.media.progress);
   * }
   */
  watch(
    ids: readonly string[],
    options?: WatchOptions,
  ): AsyncGenerator<MediaUpdate, void, undefined>;
  /**
   * Waits until all media are completed or failed, as `watch` does. Some may have failed: look at `status`.
   * @returns the last state of each, in the order of `ids`
   * @throws {MediaClientError} `not_found` as soon as one is deleted or unknown; `not_ready` after `timeoutMs`, with what is not done
   * @example
   * const { media_ids } = await client.analyze(files);
   * const [first] = await client.waitFor(media_ids, { timeoutMs: 120_000 });
   */
  waitFor(ids: readonly string[], options?: WaitOptions): Promise<Media[]>;
  /**
   * The same client for another user, with a service key. It is cheap: make one for each request.
   * @throws {Error} if the client has no service key, or the user's id cannot be one
   * @example const { media_ids } = await client.onBehalfOf('alice').analyze(files);
   */
  onBehalfOf(user: string): MediaClient;
  /**
   * Reads one media.
   * @throws {MediaClientError} `not_found` if it does not exist or belongs to another user
   * @example const { status, analytics } = await client.get(id);
   */
  get(id: string, options?: RequestOptions): Promise<Media>;
  /**
   * Reads a page of the user's own media, newest first.
   * @example const { media, next_page_token: pageToken } = await client.list({ limit: 50 });
   */
  list(options?: PageOptions): Promise<MediaList>;
  /**
   * Searches the user's own media by words, filters and order, or by similarity to one media. `today` is the user's date, for words
   * such as yesterday or 先月 in `q`.
   * @throws {MediaClientError} `invalid_request`; with `similar_to`: `not_found`, or `not_ready` if it has no description
   * @example
   * const [best] = (await client.search({ q: 'a dog on wood', kind: 'image', people: 0 })).media;
   * if (best) show((await client.search({ similar_to: best.id })).media);
   * const { media } = await client.search({ external_id: 'order-1042' }); // as sent in `externalIds` of `analyze`
   */
  search(filters: MediaFilters, options?: PageOptions): Promise<MediaList>;
  /**
   * Starts a failed media again, as `pending`, with `attempts` one higher. Its bytes are not sent again.
   * @throws {MediaClientError} `not_retryable` if the media has not failed, or would fail again
   * @example const { status } = await client.retry(id); // 'pending'
   */
  retry(id: string, options?: RequestOptions): Promise<Media>;
  /**
   * Lists the analyses that a media can be asked for, with the input and the output of each.
   * @example const offered = (await client.analyses()).filter((each) => each.offered);
   */
  analyses(options?: RequestOptions): Promise<AnalysisInfo[]>;
  /**
   * Has one more analysis made of a stored media, or makes one again. The present answer stays until there is a new one.
   * @returns the media as `pending`; follow it with `watch`
   * @throws {MediaClientError} `not_ready` while the media is worked on; `invalid_request` if an input is missing;
   *   `analysis_not_offered` if the model of the service cannot make it
   * @example await client.ask(id, 'ask', { input: { question: 'How many people wear a hat?' } });
   */
  ask<Name extends AnalysisName>(
    id: string,
    name: Name,
    ...options: NeedsNoInput<Name> extends true
      ? [options?: AskOptions<Name>]
      : [options: AskOptions<Name>]
  ): Promise<Media>;
  /**
   * Lists earlier results, newest first, for one analysis or for all.
   * @throws {MediaClientError} `not_found` if the media does not exist or belongs to another user
   * @example const [last] = await client.earlierResults(id, { analysis: 'receipt' });
   */
  earlierResults(
    id: string,
    options?: RequestOptions & {
      /** The name of the analysis; by default all. */
      analysis?: AnalysisName | undefined;
    },
  ): Promise<EarlierResult[]>;
  /**
   * Brings an earlier result back, by its id. The present answer becomes an earlier one. No model is called.
   * @throws {MediaClientError} `not_found` if there is no such result; `not_ready` while the media is worked on
   * @example
   * const [last] = await client.earlierResults(id, { analysis: 'describe' });
   * if (last) await client.restore(id, last.id);
   */
  restore(id: string, resultId: string, options?: RequestOptions): Promise<Media>;
  /**
   * Cancels the work on a media, and moves it to the bin for 30 days: `libraryOf(client).restore` brings it back. Removing a
   * deleted media is no error.
   * @throws {MediaClientError} `precondition_failed`
   * @example await client.remove(id);
   */
  remove(
    id: string,
    options?: WriteOptions & {
      /** True: erases the media at once. It cannot be brought back from the bin. */
      permanently?: boolean | undefined;
    },
  ): Promise<void>;
  /**
   * Reads the cost of the user's analyses in a month.
   * @example const { items, cost_usd } = await client.usage({ month: '2026-11' });
   */
  usage(
    options?: RequestOptions & {
      /** A month in UTC, e.g. `2026-11`; by default the current one. */
      month?: string | undefined;
    },
  ): Promise<UsageReport>;
  /**
   * An address for `src` or `href`. If the client uses tokens, it is signed and works for a few minutes only.
   * @throws {MediaClientError} `not_ready` if the bytes are not stored yet; `media_held` if moderation holds them back
   * @example Object.assign(new Image(), { src: await client.resolveUrl(id, 'preview') });
   */
  resolveUrl(id: string, rendition: Rendition, options?: RequestOptions): Promise<string>;
  /**
   * Returns the same address without a request if the client uses no tokens; otherwise undefined.
   * @example const url = client.plainUrl(id, 'content') ?? (await client.resolveUrl(id, 'content'));
   */
  plainUrl(id: string, rendition: Rendition): string | undefined;
}

const asAnalysisList = reading<AnalysisList>({ analyses: isList });
const asEarlierResults = reading<EarlierResults>({ results: isList });
const asUsageReport = reading<UsageReport>({ items: 'number', models: isList });
const asSignedUrl = reading<SignedUrl>({ url: 'string' });

/** Refuses settings with which a backend would act as nobody, or would give its key away. */
function tokenOf(options: MediaClientOptions): GetToken | undefined {
  const { getToken, serviceKey, onBehalfOf } = options;
  const hasKey = getToken ? serviceKey !== undefined : 'serviceKey' in options;
  if (!hasKey && onBehalfOf === undefined) return getToken;
  const refuse = (why: string): never => {
    throw new Error(`createMediaClient: ${why}`);
  };
  if (!serviceKey) return refuse('serviceKey is empty. Is its environment variable set?');
  if (getToken) return refuse('give serviceKey or getToken, not both.');
  if (typeof document !== 'undefined')
    return refuse('a service key acts for every user: keep it on a server. Pages use getToken.');
  if (onBehalfOf !== undefined && !/^[\x21-\x7e]{1,255}$/.test(onBehalfOf))
    return refuse('onBehalfOf is 1 to 255 letters, digits and signs without blanks.');
  return () => serviceKey;
}

/**
 * Creates the client that everything else in this package uses. It connects at its first call.
 * @example
 * const client = createMediaClient({
 *   baseUrl: 'https://media.example.com',
 *   getToken: ({ refresh }) => auth.currentUser?.getIdToken(refresh),
 * });
 * const { media_ids } = await client.analyze(files);
 * for await (const update of client.watch(media_ids)) {
 *   if (update.type === 'media') show(update.media.analytics?.summary ?? update.media.status);
 * }
 */
export function createMediaClient(options: MediaClientOptions = {}): MediaClient {
  const { baseUrl = '', streamUrl = baseUrl, onBehalfOf, cutFrames, limits } = options;
  const { clock = systemClock, wakeUps = browserWakeUps } = options;
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const getToken = tokenOf(options);
  const http = createHttp(baseUrl, getToken, fetch, clock, onBehalfOf);
  const streamHttp = createHttp(streamUrl, getToken, fetch, clock, onBehalfOf);
  const deps = { http, streamHttp, clock, wakeUps, health: newHealth() };
  let sending: SendDeps | undefined;
  let isPaused = false;
  const addressOf = (id: string, rendition: Rendition) => {
    if (rendition === 'binned') return `/api/bin/${encodeURIComponent(id)}/preview?size=small`;
    if (rendition === 'small') return mediaPath(id, '/preview?size=small');
    return mediaPath(id, rendition === 'download' ? '/content?download=true' : `/${rendition}`);
  };
  const post = async (address: string, by: RequestOptions | undefined, more?: RequestInit) =>
    asMedia(await http.json(address, { ...more, ...by, method: 'POST' }));

  const client: MediaClient = {
    async analyze(files, by = {}) {
      const { analyze, createSending } = await import('./analyze.ts').catch(notLoaded);
      sending ??= createSending({ http, clock, wakeUps, cutFrames }, fetch, limits);
      if (isPaused) sending.line.pause();
      return analyze(files, by, sending);
    },
    pauseSending() {
      isPaused = true;
      sending?.line.pause();
    },
    resumeSending() {
      isPaused = false;
      sending?.line.resume();
    },
    async *watch(ids, by) {
      const { watch } = await import('./watch.ts').catch(notLoaded);
      yield* watch(ids, deps, by);
    },
    async waitFor(ids, by) {
      const { waitFor } = await import('./watch.ts').catch(notLoaded);
      return waitFor(ids, deps, by);
    },
    onBehalfOf: (user) => createMediaClient({ ...options, onBehalfOf: user }),
    get: async (id, by) => asMedia(await http.json(mediaPath(id), by)),
    list: (by) => client.search({}, by),
    async search(filters, { limit = 24, pageToken: page_token, ...by } = {}) {
      const query = queryOf({ limit, ...filters, page_token });
      return asMediaList(await http.json(`/api/media${query}`, by));
    },
    retry: (id, by) => post(mediaPath(id, '/retry'), by),
    analyses: async (by) => asAnalysisList(await http.json('/api/analyses', by)).analyses,
    async ask(
      id,
      name,
      ...[options = {}]: [options?: RequestOptions & { [Key in keyof Ask]?: unknown }]
    ) {
      const { input, language, ...by } = options;
      const body = input === undefined && language === undefined ? {} : postOf({ input, language });
      return post(mediaPath(id, `/analyses/${encodeURIComponent(name)}`), by, body);
    },
    async earlierResults(id, { analysis, ...by } = {}) {
      const address = mediaPath(id, `/results${queryOf({ analysis })}`);
      return asEarlierResults(await http.json(address, by)).results;
    },
    restore: (id, resultId, by) =>
      post(mediaPath(id, `/results/${encodeURIComponent(resultId)}/restore`), by),
    async remove(id, { permanently, ifUnchanged, ...by } = {}) {
      const headers = headersFor(ifUnchanged);
      try {
        const address = mediaPath(id, permanently ? '?permanently=true' : '');
        // `keepalive` sends the request even if the page is being closed.
        await http.request(address, { ...by, headers, method: 'DELETE', keepalive: true });
      } catch (error) {
        if (!(error instanceof MediaClientError && error.code === 'not_found')) throw error;
      }
    },
    async usage({ month, ...by } = {}) {
      return asUsageReport(await http.json(`/api/usage${queryOf({ month })}`, by));
    },
    async resolveUrl(id, rendition, by) {
      const plain = client.plainUrl(id, rendition);
      if (plain !== undefined) return plain;
      const headers = { Accept: 'application/json' };
      return asSignedUrl(await http.json(addressOf(id, rendition), { ...by, headers })).url;
    },
    plainUrl: (id, rendition) => (http.sendsToken ? undefined : http.url(addressOf(id, rendition))),
  };
  keepDeps(client, deps);
  return client;
}
