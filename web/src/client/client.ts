/** The client of the API: for browsers and Node, with no framework. */
import type { AnalyzeMediaResponse, MediaList, UsageReport } from '@media-analysis/shared/api';
import type { Media } from '@media-analysis/shared/media';
import { type AnalyzeOptions, analyze } from './analyze.ts';
import { browserWakeUps, type Clock, systemClock, type WakeUps } from './clock.ts';
import { asMedia, asMediaList, asUsageReport } from './guard.ts';
import { type GetToken, Http } from './http.ts';
import type { LargeDeps } from './large.ts';
import { DEFAULT_LIMITS, type UploadLimits } from './requests.ts';
import { createSendByFetch, sendByXhr } from './send.ts';
import type { MediaUpdate } from './tracker.ts';
import { type WatchOptions, watch } from './watch.ts';

export interface MediaClientOptions {
  /** Where the API is, e.g. `https://api.example.com`; by default the page's own origin. */
  baseUrl?: string | undefined;
  /** Answers the signed-in user's token. Without it, requests carry none. */
  getToken?: GetToken | undefined;
  /** Used for everything but sending files from a browser: XMLHttpRequest alone tells of bytes sent. */
  fetch?: typeof fetch;
  limits?: Partial<UploadLimits>;
  /** Time and chance, for tests. */
  clock?: Clock;
  wakeUps?: WakeUps;
}

interface RequestOptions {
  signal?: AbortSignal | undefined;
}

/** `preview`: a small upright JPEG. `content`: the original. */
export type Rendition = 'preview' | 'content';

export interface MediaClient {
  /**
   * Sends files to be stored and analysed, in as many requests as it takes.
   * @throws {MediaClientError} if not one was accepted; the signal's reason
   */
  analyze(files: readonly File[], options?: AnalyzeOptions): Promise<AnalyzeMediaResponse>;
  /**
   * The state of each media, then each newer one, until all are completed, failed or gone: by the
   * event stream where it works, by polling where it does not.
   */
  watch(
    ids: readonly string[],
    options?: WatchOptions,
  ): AsyncGenerator<MediaUpdate, void, undefined>;
  get(id: string, options?: RequestOptions): Promise<Media>;
  /** Own media, newest first. */
  list(options?: RequestOptions & { limit?: number; pageToken?: string }): Promise<MediaList>;
  /** Puts a failed media back to work, without sending its bytes again. */
  retry(id: string, options?: RequestOptions): Promise<Media>;
  /** Cancels the work on a media and deletes everything that is stored of it. */
  remove(id: string, options?: RequestOptions): Promise<void>;
  /** What the analyses of a month have cost, e.g. of `2026-11`; by default of this one (UTC). */
  usage(options?: RequestOptions & { month?: string }): Promise<UsageReport>;
  /**
   * An address to put into `src` or `href`. With tokens in use it is signed and short-lived, as
   * elements cannot send a token.
   */
  resolveUrl(id: string, rendition: Rendition, options?: RequestOptions): Promise<string>;
  /** The address itself if elements can use it as it is, because no token is needed. */
  plainUrl(id: string, rendition: Rendition): string | undefined;
}

export function createMediaClient(options: MediaClientOptions = {}): MediaClient {
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const http = new Http({
    baseUrl: (options.baseUrl ?? '').replace(/\/+$/, ''),
    getToken: options.getToken,
    fetch,
  });
  const clock = options.clock ?? systemClock;
  const wakeUps = options.wakeUps ?? browserWakeUps;
  const send = typeof XMLHttpRequest === 'undefined' ? createSendByFetch(fetch) : sendByXhr;
  const unfinished: LargeDeps['unfinished'] = new WeakMap();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const path = (id: string, rest = '') => `/api/media/${encodeURIComponent(id)}${rest}`;
  const init = ({ signal }: RequestOptions = {}): RequestInit => ({ signal: signal ?? null });

  return {
    analyze: (files, by = {}) =>
      analyze(files, by, { http, clock, wakeUps, send, limits, unfinished }),
    watch: (ids, by) => watch(ids, { http, clock, wakeUps }, by),
    get: async (id, by) => asMedia(await http.json(path(id), init(by))),
    async list({ limit = 24, pageToken, ...by } = {}) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (pageToken !== undefined) query.set('page_token', pageToken);
      return asMediaList(await http.json(`/api/media?${query}`, init(by)));
    },
    retry: async (id, by) =>
      asMedia(await http.json(path(id, '/retry'), { ...init(by), method: 'POST' })),
    async remove(id, by) {
      await http.request(path(id), { ...init(by), method: 'DELETE' });
    },
    async usage({ month, ...by } = {}) {
      const query = month === undefined ? '' : `?${new URLSearchParams({ month })}`;
      return asUsageReport(await http.json(`/api/usage${query}`, init(by)));
    },
    async resolveUrl(id, rendition, by) {
      if (!http.sendsToken) return http.url(path(id, `/${rendition}`));
      const response = await http.request(path(id, `/${rendition}`), init(by));
      // Where the redirect led is all that matters: whoever shows it fetches it.
      await response.body?.cancel();
      return response.url;
    },
    plainUrl: (id, rendition) =>
      http.sendsToken ? undefined : http.url(path(id, `/${rendition}`)),
  };
}
