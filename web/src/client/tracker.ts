/** Keeps the newest revision of each watched media. Passes on only newer states, from the stream or from polling. */
import type { ErrorCode } from '@media-analysis/shared/error-codes';
import type { Media } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import type { EventSourceMessage } from 'eventsource-parser';
import { asMediaList, isMedia } from './guard.ts';
import type { Http } from './http.ts';
import { parseJson } from './json.ts';
import type { Followed } from './stream.ts';

/**
 * One item of `MediaClient.watch`.
 * @example
 * ```ts
 * import type { MediaUpdate } from '@media-analysis/client';
 *
 * function textOf(update: MediaUpdate): string {
 *   switch (update.type) {
 *     case 'media':
 *       return `${update.media.file_name}: ${update.media.status}`;
 *     case 'removed':
 *       return `${update.media_id} was deleted`;
 *     case 'problem':
 *       return `${update.media_id}: ${update.code}`;
 *   }
 * }
 * show(textOf({ type: 'removed', media_id: id }));
 * ```
 */
export type MediaUpdate =
  | {
      /** A media has a newer state. */
      type: 'media';
      /** The new state. */
      media: Media;
    }
  | {
      /** A media was deleted while it was watched. */
      type: 'removed';
      /** Its id. */
      media_id: string;
    }
  | {
      /** The id is unknown or belongs to another user. The server does not say which. */
      type: 'problem';
      /** The id that was given to `watch`. */
      media_id: string;
      /** `not_found`. */
      code: ErrorCode;
    };

export class Tracker implements Followed {
  /** Ids of media that are not completed, failed or gone. */
  readonly #unfinished: Set<string>;
  readonly #revisions = new Map<string, number>();
  readonly #emit: (update: MediaUpdate) => void;

  constructor(ids: readonly string[], emit: (update: MediaUpdate) => void) {
    this.#unfinished = new Set(ids);
    this.#emit = emit;
  }

  get isOver(): boolean {
    return this.#unfinished.size === 0;
  }

  streamPath(): string {
    return `/api/agent/analyze-media/stream?ids=${this.#ids}`;
  }

  take({ event, data }: EventSourceMessage): void {
    const value = parseJson(data);
    if (event === 'removed' || event === 'problem') {
      const { media_id, code } = (value ?? {}) as { media_id?: unknown; code?: unknown };
      // With any other code the media exists, and the server cannot show it yet.
      const isMissing = event === 'removed' || code === ('not_found' satisfies ErrorCode);
      if (isMissing && typeof media_id === 'string') this.#lose(media_id);
    } else if ((event === undefined || event === 'message') && isMedia(value)) {
      this.#put(value);
    }
  }

  async poll(http: Http, init: RequestInit, limitMs: number): Promise<void> {
    const ids = [...this.#unfinished];
    const { media } = asMediaList(await http.json(`/api/media?ids=${this.#ids}`, init, limitMs));
    for (const each of media) this.#put(each);
    const found = new Set(media.map(({ id }) => id));
    for (const id of ids) if (!found.has(id)) this.#lose(id);
  }

  missing(): void {
    for (const id of this.#unfinished) this.#lose(id);
  }

  get #ids(): string {
    return [...this.#unfinished].map(encodeURIComponent).join(',');
  }

  #put(media: Media): void {
    if (!this.#unfinished.has(media.id)) return;
    if (media.revision <= (this.#revisions.get(media.id) ?? -1)) return;
    this.#revisions.set(media.id, media.revision);
    if (isTerminal(media.status)) this.#unfinished.delete(media.id);
    this.#emit({ type: 'media', media });
  }

  /** Handles an id unknown to the server. If the media was seen before, it was deleted; otherwise it is not the user's. */
  #lose(id: string): void {
    if (!this.#unfinished.delete(id)) return;
    if (this.#revisions.has(id)) this.#emit({ type: 'removed', media_id: id });
    else this.#emit({ type: 'problem', media_id: id, code: 'not_found' });
  }
}
