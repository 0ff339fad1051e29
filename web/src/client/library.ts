/** What a user does with many media at once, and the bin: the calls. */
import type { BinList, BinnedMedia, Deleted, Restored } from '@media-analysis/shared/bin';
import type { EditMedia } from '@media-analysis/shared/edits';
import type { ExportFormat } from '@media-analysis/shared/export';
import type { Media } from '@media-analysis/shared/media';
import type { MediaFilters } from '@media-analysis/shared/search';
import type { MediaClient, RequestOptions } from './client.ts';
import { asMedia, asMediaList, unexpected } from './guard.ts';
import { depsOf } from './stream-deps.ts';

/** Media in one request: as `MAX_MANY` of the service. */
const AT_ONCE = 500;

/** What is exported: media by their ids, or all that a search finds. */
export type ExportSubject =
  | {
      /** Up to 500 media. */
      ids: readonly string[];
    }
  | {
      /** As of `client.search`. */
      filters: MediaFilters;
    };

/** Many media at once, and the bin. `libraryOf` makes it. */
export interface LibraryClient {
  /**
   * Moves media to the bin, however many there are. May be repeated.
   * @throws {MediaClientError}
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
      /** True: erased now, also from the bin. Nothing brings them back. */
      permanently?: boolean;
    },
  ): Promise<Deleted>;
  /**
   * Brings media back from the bin. Work that had not ended begins again.
   * @throws {MediaClientError}
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
   * Reads a page of the bin, the last that was deleted first.
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
   * Writes a title or tags of one's own in place of the model's. `null` brings the model's back.
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
   * What is known of media as a file: of up to 500 that are named, or of all that a search finds.
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
   * The originals of up to 500 media, 1 GiB in all, in one ZIP.
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
}

/**
 * What a client can do with many media at once, and with the bin.
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
    async remove(ids, { permanently = false, ...by } = {}) {
      const all: Deleted = { media_ids: [], failed: [] };
      for (const part of partsOf(ids)) {
        const { media_ids, failed } = asDeleted(
          await ask('delete', { ids: part, permanently }, by),
        );
        all.media_ids.push(...media_ids);
        all.failed.push(...failed);
      }
      return all;
    },
    async restore(ids, by) {
      const all: Restored = { media: [], failed: [] };
      for (const part of partsOf(ids)) {
        const { media, failed } = asRestored(await ask('restore', { ids: part }, by));
        all.media.push(...media);
        all.failed.push(...failed);
      }
      return all;
    },
    async bin({ pageToken, signal } = {}) {
      const query = new URLSearchParams({ limit: '50' });
      if (pageToken !== undefined) query.set('page_token', pageToken);
      return asBinList(await http.json(`/api/bin?${query}`, { signal: signal ?? null }));
    },
    async edit(id, words, { signal } = {}) {
      const init = { method: 'PATCH', body: JSON.stringify(words), signal: signal ?? null };
      const headers = { 'Content-Type': 'application/json' };
      return asMedia(await http.json(`/api/media/${encodeURIComponent(id)}`, { ...init, headers }));
    },
    exportAs(format, of, by = {}) {
      if ('ids' in of) {
        const { path, init } = post('export', { ids: of.ids, format }, by);
        return http.request(path, init);
      }
      const query = new URLSearchParams({ format });
      for (const [name, value] of Object.entries(of.filters)) {
        if (value !== undefined) query.set(name, String(value));
      }
      return http.request(`/api/media/export?${query}`, { signal: by.signal ?? null });
    },
    download(ids, by) {
      const { path, init } = post('download', { ids }, by);
      return http.request(path, init);
    },
  };
}

/** 500 media are 25 commits, one after the other. */
const MANY_MS = 120_000;

function partsOf(ids: readonly string[]): string[][] {
  const count = Math.ceil(ids.length / AT_ONCE);
  return Array.from({ length: count }, (_, n) => ids.slice(n * AT_ONCE, (n + 1) * AT_ONCE));
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

function asBinList(value: unknown): BinList {
  const { media, next_page_token } = asMediaList(value);
  const isBinned = (each: Media): each is BinnedMedia =>
    typeof (each as Partial<BinnedMedia>).erase_at === 'string';
  if (!media.every(isBinned)) throw unexpected(value);
  return { media, next_page_token };
}
