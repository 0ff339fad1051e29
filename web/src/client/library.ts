/** Calls for many media at once, and for the bin. */
import type { BinList, BinnedMedia, Deleted, Restored } from '@media-analysis/shared/bin';
import type { EditMedia } from '@media-analysis/shared/edits';
import type { ExportFormat } from '@media-analysis/shared/export';
import type { LocationList, MonthList } from '@media-analysis/shared/library';
import type { Media } from '@media-analysis/shared/media';
import type { MediaFilters } from '@media-analysis/shared/search';
import { MAX_IDS } from '@media-analysis/shared/stream';
import { withToday } from '@media-analysis/shared/with-today';
import type { MediaClient, RequestOptions } from './client.ts';
import { BrokenAnswerError, MediaClientError } from './errors.ts';
import { asMedia, asMediaList, unexpected } from './guard.ts';
import {
  LibraryHealth,
  type LibraryUpdate,
  type LibraryWatchOptions,
  watchLibrary,
} from './library-watch.ts';
import { depsOf } from './stream-deps.ts';

/** The service's `MAX_MANY`. */
const AT_ONCE = 500;

/** The media to export: a list of ids, or the results of a search. */
export type ExportSubject =
  | {
      /** Up to 500 media. */
      ids: readonly string[];
    }
  | {
      /** Filters as in `client.search`. */
      filters: MediaFilters;
    };

/** Works on many media at once, the bin, and all changes. `libraryOf` makes it. */
export interface LibraryClient {
  /**
   * Moves any number of media to the bin. May be repeated.
   * @throws {MediaClientError} if nothing was done; after a later error `failed` lists the rest
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const { media_ids, failed } = await libraryOf(client).remove(ids);
   * show(`${media_ids.length} deleted`, failed);
   * ```
   */
  remove(
    ids: readonly string[],
    options?: RequestOptions & {
      /** True: erases the media at once, also from the bin. They cannot be brought back. */
      permanently?: boolean;
      /**
       * True: leaves media that are not in the bin as they are, and answers `not_found`. For erasing by a list of the bin: a
       * media may have been brought back since it was read.
       */
      onlyBinned?: boolean;
    },
  ): Promise<Deleted>;
  /**
   * Brings media back from the bin. Unfinished work begins again.
   * @throws {MediaClientError} if nothing was done; after a later error `failed` lists the rest
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const { media } = await libraryOf(client).restore(ids);
   * show(media.map(({ file_name }) => file_name));
   * ```
   */
  restore(ids: readonly string[], options?: RequestOptions): Promise<Restored>;
  /**
   * Reads a page of the bin, the last deleted first.
   * @throws {MediaClientError}
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const { media } = await libraryOf(client).bin();
   * show(media.map(({ file_name, erase_at }) => `${file_name} until ${erase_at}`));
   * ```
   */
  bin(
    options?: RequestOptions & {
      /** The `next_page_token` of the page before. */
      pageToken?: string | undefined;
    },
  ): Promise<BinList>;
  /**
   * Reads a page of the places where media were taken, newest first, for a map. Media without a place are left out.
   * @throws {MediaClientError}
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const { locations } = await libraryOf(client).locations();
   * show(locations.map(({ latitude, longitude }) => `${latitude}, ${longitude}`));
   * ```
   */
  locations(
    options?: RequestOptions & {
      /** Places in a page; 1,000 by default and at most. */
      limit?: number;
      /** The `next_page_token` of the page before. */
      pageToken?: string | undefined;
    },
  ): Promise<LocationList>;
  /**
   * Reads media by their ids, 100 in a request. Media in the bin and media of others are left out.
   * @throws {MediaClientError}
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const media = await libraryOf(client).get(ids);
   * show(`${ids.length - media.length} are gone`);
   * ```
   */
  get(ids: readonly string[], options?: RequestOptions): Promise<Media[]>;
  /**
   * Replaces the model's title or tags by the user's own. `null` brings the model's back.
   * @throws {MediaClientError} `invalid_request` if they are too long
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const { edits } = await libraryOf(client).edit(id, { title: 'Grandmother', tags: null });
   * show(edits?.title);
   * ```
   */
  edit(id: string, words: EditMedia, options?: RequestOptions): Promise<Media>;
  /**
   * Exports the data of media as a file: up to 500 ids, or all results of a search.
   * @returns the answer as soon as it begins; its body is the file
   * @throws {MediaClientError}
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const table = await libraryOf(client).exportAs('csv', { filters: { kind: 'image' } });
   * show(await table.text());
   * ```
   */
  exportAs(format: ExportFormat, of: ExportSubject, options?: RequestOptions): Promise<Response>;
  /**
   * Downloads the originals of up to 500 media, 1 GiB in all, as one ZIP.
   * @returns the answer as soon as it begins; its body is the archive
   * @throws {MediaClientError} `body_too_large` if they have more bytes
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const archive = await libraryOf(client).download(ids);
   * show(URL.createObjectURL(await archive.blob()));
   * ```
   */
  download(ids: readonly string[], options?: RequestOptions): Promise<Response>;
  /**
   * Counts the media of each month, in the order of the search: by the time they were taken, or else accepted, in this device's
   * time zone.
   * @throws {MediaClientError} `invalid_request` if the filters have words
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * const months = await libraryOf(client).months({ sort: 'taken' });
   * show(months.map(({ month, count }) => `${month}: ${count}`));
   * ```
   */
  months(filters?: MediaFilters, options?: RequestOptions): Promise<MonthList['months']>;
  /**
   * Yields the changes of all the user's media, on any device, until it is aborted. It keeps a stream open: abort it while nobody
   * looks, and continue later with the `since` that `onSince` got. It does not yield media that were erased in between: they are
   * not in the list. A slow consumer gets the newest state of each. A refusal does not end it: it yields `missed`.
   * @throws the signal's reason
   * @example
   * ```ts
   * import { libraryOf } from '@media-analysis/client';
   *
   * for await (const update of libraryOf(client).watch({ signal })) {
   *   if (update.type === 'media') show(update.media.file_name, update.media.revision);
   *   else if (update.type === 'removed') show(`${update.media_id} was deleted`);
   *   else show((await client.list()).media); // something may have been missed
   * }
   * ```
   */
  watch(options?: LibraryWatchOptions): AsyncGenerator<LibraryUpdate, void, undefined>;
}

/**
 * Makes the calls for many media at once, the bin, and all changes.
 * @example
 * ```ts
 * import { libraryOf } from '@media-analysis/client';
 *
 * await libraryOf(client).remove(ids);
 * await libraryOf(client).restore(ids);
 * ```
 */
export function libraryOf(client: MediaClient): LibraryClient {
  const deps = depsOf.get(client);
  if (!deps) throw new Error('Give libraryOf what createMediaClient has returned.');
  const { http } = deps;
  const health = new LibraryHealth();
  const post = (path: string, body: unknown, { signal }: RequestOptions = {}) => ({
    path: `/api/media/${path}`,
    init: {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: signal ?? null,
    },
  });
  const ask = (path: string, body: unknown, by?: RequestOptions) => {
    const { path: address, init } = post(path, body, by);
    return http.json(address, init, MANY_MS);
  };
  return {
    async remove(ids, { permanently = false, onlyBinned, ...by } = {}) {
      const all: Deleted = { media_ids: [], failed: [] };
      return inParts(ids, all, async (part) => {
        const { media_ids, failed } = asDeleted(
          await ask('delete', { ids: part, permanently, only_binned: onlyBinned }, by),
        );
        all.media_ids.push(...media_ids);
        all.failed.push(...failed);
      });
    },
    async restore(ids, by) {
      const all: Restored = { media: [], failed: [] };
      return inParts(ids, all, async (part) => {
        const { media, failed } = asRestored(await ask('restore', { ids: part }, by));
        all.media.push(...media);
        all.failed.push(...failed);
      });
    },
    async bin({ pageToken, signal } = {}) {
      const query = new URLSearchParams({ limit: '50' });
      if (pageToken !== undefined) query.set('page_token', pageToken);
      return asBinList(await http.json(`/api/bin?${query}`, { signal: signal ?? null }));
    },
    async locations({ limit = 1_000, pageToken, signal } = {}) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (pageToken !== undefined) query.set('page_token', pageToken);
      const init = { signal: signal ?? null };
      return asLocationList(await http.json(`/api/media/locations?${query}`, init));
    },
    async get(ids, { signal } = {}) {
      const all: Media[] = [];
      for (let start = 0; start < ids.length; start += MAX_IDS) {
        const part = ids.slice(start, start + MAX_IDS).map(encodeURIComponent);
        const path = `/api/media?ids=${part}`;
        all.push(...asMediaList(await http.json(path, { signal: signal ?? null })).media);
      }
      return all;
    },
    async edit(id, words, { signal } = {}) {
      const init = { method: 'PATCH', body: JSON.stringify(words), signal: signal ?? null };
      const headers = { 'Content-Type': 'application/json' };
      return asMedia(await http.json(`/api/media/${encodeURIComponent(id)}`, { ...init, headers }));
    },
    exportAs(format, of, by = {}) {
      if ('ids' in of) {
        const { path, init } = post('export', { ids: of.ids, format }, by);
        return asFile(http.request(path, init));
      }
      const query = queryOf(withToday(of.filters), { format });
      return asFile(http.request(`/api/media/export?${query}`, { signal: by.signal ?? null }));
    },
    download(ids, by) {
      const { path, init } = post('download', { ids }, by);
      return asFile(http.request(path, init));
    },
    async months(filters = {}, { signal } = {}) {
      const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
      const query = queryOf(filters, { time_zone: timeZone });
      return asMonths(await http.json(`/api/media/months?${query}`, { signal: signal ?? null }));
    },
    watch: (by = {}) => watchLibrary(deps, health, by),
  };
}

/** 500 media are 25 commits, one after the other. */
const MANY_MS = 120_000;

/** Sends 500 ids at a time. After an error, the parts before it count as done, and the rest as failed. */
async function inParts<Answer extends Pick<Deleted, 'failed'>>(
  ids: readonly string[],
  all: Answer,
  ask: (part: readonly string[]) => Promise<void>,
): Promise<Answer> {
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    try {
      await ask(ids.slice(start, start + AT_ONCE));
    } catch (error) {
      if (start === 0 || !(error instanceof MediaClientError)) throw error;
      const { code, message } = error;
      all.failed.push(...ids.slice(start).map((media_id) => ({ media_id, code, message })));
      break;
    }
  }
  return all;
}

function queryOf(filters: MediaFilters, more: Record<string, string>): URLSearchParams {
  const query = new URLSearchParams(more);
  for (const [name, value] of Object.entries(filters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query;
}

/** The page of a hotspot must not be saved as the file. */
async function asFile(answering: Promise<Response>): Promise<Response> {
  const answer = await answering;
  const type = answer.headers.get('Content-Type') ?? '';
  if (!type.startsWith('text/html')) return answer;
  void answer.body?.cancel();
  throw new BrokenAnswerError(type);
}

function asMonths(value: unknown): MonthList['months'] {
  const { months } = (value ?? {}) as Partial<MonthList>;
  if (!Array.isArray(months)) throw unexpected(value);
  return months;
}

function asDeleted(value: unknown): Deleted {
  const { media_ids, failed } = (value ?? {}) as Partial<Deleted>;
  if (!Array.isArray(media_ids) || !Array.isArray(failed)) throw unexpected(value);
  return { media_ids, failed };
}

function asRestored(value: unknown): Restored {
  const { media } = asMediaList(value);
  const { failed } = value as Partial<Restored>;
  if (!Array.isArray(failed)) throw unexpected(value);
  return { media, failed };
}

function asLocationList(value: unknown): LocationList {
  const { locations, next_page_token = '' } = (value ?? {}) as Partial<LocationList>;
  if (
    !Array.isArray(locations) ||
    typeof next_page_token !== 'string' ||
    !locations.every((each) => each?.media_id && Number.isFinite(each.latitude + each.longitude))
  ) {
    throw unexpected(value);
  }
  return value as LocationList;
}

function asBinList(value: unknown): BinList {
  const { media, next_page_token } = asMediaList(value);
  const isBinned = (each: Media): each is BinnedMedia =>
    typeof (each as Partial<BinnedMedia>).erase_at === 'string';
  if (!media.every(isBinned)) throw unexpected(value);
  return { media, next_page_token };
}
