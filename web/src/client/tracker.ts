/** Keeps the newest revision of each watched media. Passes on only newer states, from the stream or from polling. */
import type { ErrorCode } from '@media-analysis/shared/error-codes';
import type { Media } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';

/**
 * One item of `MediaClient.watch`.
 * @example
 * ```ts
 * import type { MediaUpdate } from '@media-analysis/web/client';
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

export class Tracker {
  /** Ids of media that are not completed, failed or gone. */
  readonly unfinished: Set<string>;
  readonly #revisions = new Map<string, number>();
  readonly #emit: (update: MediaUpdate) => void;

  constructor(ids: readonly string[], emit: (update: MediaUpdate) => void) {
    this.unfinished = new Set(ids);
    this.#emit = emit;
  }

  take(media: Media): void {
    if (!this.unfinished.has(media.id)) return;
    if (media.revision <= (this.#revisions.get(media.id) ?? -1)) return;
    this.#revisions.set(media.id, media.revision);
    if (isTerminal(media.status)) this.unfinished.delete(media.id);
    this.#emit({ type: 'media', media });
  }

  /** The server does not know this id. If the media was seen before, it was deleted; otherwise it is not the user's. */
  missing(id: string): void {
    if (!this.unfinished.delete(id)) return;
    if (this.#revisions.has(id)) this.#emit({ type: 'removed', media_id: id });
    else this.#emit({ type: 'problem', media_id: id, code: 'not_found' });
  }
}
