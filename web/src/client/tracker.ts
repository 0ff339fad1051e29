/** What a watch knows of its media: each state passed on once, newest only, whichever way it came. */
import type { ErrorCode } from '@media-analysis/shared/error-codes';
import type { Media } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';

/** What a watch tells. */
export type MediaUpdate =
  | { type: 'media'; media: Media }
  /** Deleted while watched. */
  | { type: 'removed'; media_id: string }
  /** Unknown, or not the caller's: the two look the same. */
  | { type: 'problem'; media_id: string; code: ErrorCode };

export class Tracker {
  /** Ids of which more is to come. */
  readonly unfinished: Set<string>;
  private readonly revisions = new Map<string, number>();
  private readonly emit: (update: MediaUpdate) => void;

  constructor(ids: readonly string[], emit: (update: MediaUpdate) => void) {
    this.unfinished = new Set(ids);
    this.emit = emit;
  }

  take(media: Media): void {
    if (!this.unfinished.has(media.id)) return;
    if (media.revision <= (this.revisions.get(media.id) ?? -1)) return;
    this.revisions.set(media.id, media.revision);
    if (isTerminal(media.status)) this.unfinished.delete(media.id);
    this.emit({ type: 'media', media });
  }

  /** It is not there: deleted if it was seen before, otherwise never the caller's. */
  missing(id: string): void {
    if (!this.unfinished.delete(id)) return;
    if (this.revisions.has(id)) this.emit({ type: 'removed', media_id: id });
    else this.emit({ type: 'problem', media_id: id, code: 'not_found' });
  }
}
