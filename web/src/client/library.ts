/** Calls for many media at once and for the bin. */
import type { BinList, Deleted, Restored } from '@media-analysis/shared/bin';
import type { EditMedia } from '@media-analysis/shared/edits';
import type { ExportFormat } from '@media-analysis/shared/export';
import type { MonthList } from '@media-analysis/shared/library';
import type { Media } from '@media-analysis/shared/media';
import type { MediaFilters } from '@media-analysis/shared/search';
import { MAX_IDS } from '@media-analysis/shared/stream';
import { withToday } from '@media-analysis/shared/with-today';
import type { MediaClient, PageOptions } from './client.ts';
import { BrokenAnswerError, MediaClientError, notLoaded } from './errors.ts';
import { asMedia, asMediaList, isList, isListOf, isMedia, reading } from './guard.ts';
import {
  depsOf,
  headersFor,
  mediaPath,
  newHealth,
  postOf,
  queryOf,
  type RequestOptions,
  type WriteOptions,
} from './http.ts';
import type { LibraryUpdate, LibraryWatchOptions } from './library-watch.ts';

/** The service's `MAX_MANY`. */
const AT_ONCE = 500;
/** 500 media are 25 commits, one after the other. */
const MANY_MS = 120_000;

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

/** Works on many media at once, the bin and all changes. `libraryOf` creates it. */
export interface LibraryClient {
  /**
   * Moves any number of media to the bin. May be repeated.
   * @throws {MediaClientError} if nothing was done; after a later error `failed` lists the rest
   * @example const { media_ids, failed } = await library.remove(ids);
   */
  remove(
    ids: readonly string[],
    options?: RequestOptions & {
      /** True: erases the media at once, also from the bin. They cannot be brought back. */
      permanently?: boolean | undefined;
      /** True: leaves media outside the bin, perhaps brought back, as they are, and answers `not_found`. */
      onlyBinned?: boolean | undefined;
    },
  ): Promise<Deleted>;
  /**
   * Brings media back from the bin. Unfinished work begins again.
   * @throws {MediaClientError} if nothing was done; after a later error `failed` lists the rest
   * @example const { media, failed } = await library.restore(ids);
   */
  restore(ids: readonly string[], options?: RequestOptions): Promise<Restored>;
  /**
   * Reads a page of the bin, the last deleted first.
   * @example const { media } = await library.bin(); // each with `erase_at`
   */
  bin(options?: Omit<PageOptions, 'limit'>): Promise<BinList>;
  /**
   * Reads media by their ids, 100 in a request. Media in the bin and media of others are left out.
   * @example const media = await library.get(ids);
   */
  get(ids: readonly string[], options?: RequestOptions): Promise<Media[]>;
  /**
   * Replaces the model's title, summary or tags by the user's own. `null` brings the model's back. `metadata` is merged, and
   * `external_id` replaced; `null` removes.
   * @throws {MediaClientError} `invalid_request` if they are too long; `precondition_failed`
   * @example const { edits } = await library.edit(id, { title: 'Grandmother', tags: null });
   */
  edit(id: string, words: EditMedia, options?: WriteOptions): Promise<Media>;
  /**
   * Exports the data of media as a file: up to 500 ids, or all results of a search.
   * @returns the answer as soon as it begins; its body is the file
   * @example const table = await library.exportAs('csv', { filters: { kind: 'image' } });
   */
  exportAs(format: ExportFormat, of: ExportSubject, options?: RequestOptions): Promise<Response>;
  /**
   * Downloads the originals of up to 500 media, 1 GiB in all, as one ZIP.
   * @returns the answer as soon as it begins; its body is the archive
   * @throws {MediaClientError} `body_too_large` if they have more bytes
   * @example const archive = await (await library.download(ids)).blob();
   */
  download(ids: readonly string[], options?: RequestOptions): Promise<Response>;
  /**
   * Counts the media of each month, in the order of the search: by the time they were taken, or else accepted, in this device's
   * time zone.
   * @throws {MediaClientError} `invalid_request` if the filters have words
   * @example for (const { month, count } of await library.months({ sort: 'taken' })) show(month, count);
   */
  months(filters?: MediaFilters, options?: RequestOptions): Promise<MonthList['months']>;
  /**
   * Yields the changes of all the user's media, on any device, until it is aborted. It keeps a stream open: abort it while nobody
   * looks, and continue later with the `since` that `onSince` got. It does not report media that were erased in between. A slow
   * consumer gets the newest state of each media. A refusal does not end the watch: it yields `missed`.
   * @example
   * for await (const update of library.watch({ signal })) {
   *   if (update.type === 'media') show(update.media.file_name, update.media.revision);
   * }
   */
  watch(options?: LibraryWatchOptions): AsyncGenerator<LibraryUpdate, void, undefined>;
}

const asDeleted = reading<Deleted>({ media_ids: isList, failed: isList });
const asRestored = reading<Restored>({ media: isListOf(isMedia), failed: isList });
const asMonths = reading<MonthList>({ months: isList });
const asBinList = reading<BinList>({ media: isListOf(isMedia) });

/**
 * Creates the calls for many media at once, the bin and all changes.
 * @example
 * await libraryOf(client).remove(ids);
 */
export function libraryOf(client: MediaClient): LibraryClient {
  const deps = depsOf(client);
  const { http } = deps;
  // This stream may be blocked while the stream of unfinished media works.
  const ownDeps = { ...deps, health: newHealth() };
  const ask = (path: string, body: object, by?: RequestOptions) =>
    http.json(mediaPath(path), { ...by, ...postOf(body) }, MANY_MS);
  return {
    remove(ids, { permanently = false, onlyBinned, ...by } = {}) {
      const all: Deleted = { media_ids: [], failed: [] };
      return inParts(ids, all, async (part) => {
        const body = { ids: part, permanently, only_binned: onlyBinned };
        const { media_ids, failed } = asDeleted(await ask('delete', body, by));
        all.media_ids.push(...media_ids);
        all.failed.push(...failed);
      });
    },
    restore(ids, by) {
      const all: Restored = { media: [], failed: [] };
      return inParts(ids, all, async (part) => {
        const { media, failed } = asRestored(await ask('restore', { ids: part }, by));
        all.media.push(...media);
        all.failed.push(...failed);
      });
    },
    async bin({ pageToken: page_token, ...by } = {}) {
      return asBinList(await http.json(`/api/bin${queryOf({ limit: 50, page_token })}`, by));
    },
    async get(ids, by) {
      const all: Media[] = [];
      for (let start = 0; start < ids.length; start += MAX_IDS) {
        const part = ids.slice(start, start + MAX_IDS).map(encodeURIComponent);
        all.push(...asMediaList(await http.json(`/api/media?ids=${part}`, by)).media);
      }
      return all;
    },
    async edit(id, words, { ifUnchanged, ...by } = {}) {
      const init = { ...by, ...postOf(words, headersFor(ifUnchanged)), method: 'PATCH' };
      return asMedia(await http.json(mediaPath(id), init));
    },
    exportAs(format, of, by) {
      if ('ids' in of)
        return file('/api/media/export', { ...by, ...postOf({ ids: of.ids, format }) });
      const query = queryOf({ format, ...withToday(of.filters) });
      return file(`/api/media/export${query}`, by);
    },
    download: (ids, by) => file('/api/media/download', { ...by, ...postOf({ ids }) }),
    async months(filters, by) {
      const { timeZone: time_zone } = new Intl.DateTimeFormat().resolvedOptions();
      const query = queryOf({ time_zone, ...filters });
      return asMonths(await http.json(`/api/media/months${query}`, by)).months;
    },
    async *watch(by = {}) {
      const { watchLibrary } = await import('./library-watch.ts').catch(notLoaded);
      yield* watchLibrary(ownDeps, by);
    },
  };

  async function file(...asked: Parameters<typeof http.request>): Promise<Response> {
    const answer = await http.request(...asked);
    const type = answer.headers.get('Content-Type') ?? '';
    if (!type.startsWith('text/html')) return answer;
    // The page of a hotspot must not be saved as the file.
    void answer.body?.cancel();
    throw new BrokenAnswerError(type);
  }
}

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
