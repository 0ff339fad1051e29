/** Listens to the media of an owner, or to what the owner has in the bin, from a time on. */
import type { Timestamp } from '@google-cloud/firestore';
import { backoff } from '@media-analysis/shared/retry';
import { type ListenSnapshot, REOPENING } from '../../core/stream/hub.ts';
import type { Logger } from '../../process/log.ts';

/** The clocks of those that write may differ by so much. What is told twice does no harm. */
export const CLOCKS_DIFFER_MS = 60_000;

/** Above this, a listener is opened anew from where it stands: it keeps the name of each document in memory. */
const MAX_KEPT = 1_000;
/** The media of the last minute are read again then. So a listener stays as it is while thousands change at once. */
const RENEW_AFTER_MS = 5 * 60_000;

export type Collection = 'media' | 'bin';

/** Of two versions with the same revision the removal is the newer: it writes no revision of its own. */
export interface Version {
  revision: number;
  isGone: boolean;
}

export interface Change extends Version {
  id: string;
  /** When it was written. Absent: it has left the database, and nothing says when. */
  atMs?: number;
  /** Absent if it is gone. */
  record?: object;
}

export interface LibrarySource {
  /** The owner's records that were written (those in the bin: deleted) at this time or later, the oldest first. */
  read(of: Collection, ownerId: string, fromMs: number, limit: number): AsyncIterable<object>;
  /** The same, and then each change. */
  listen(
    of: Collection,
    ownerId: string,
    fromMs: number,
    onSnapshot: (snapshot: ListenSnapshot) => void,
    onError: (error: Error) => void,
  ): () => void;
}

export interface ListenerOptions {
  of: Collection;
  ownerId: string;
  source: Pick<LibrarySource, 'listen'>;
  logger: Logger;
  now: () => number;
  random: () => number;
  /** `isNews`: it has happened just now. The first snapshot has what was there before. */
  tell: (change: Change, isNews: boolean) => void;
}

/** A document of one of the two collections as the change that it tells of. */
export function changeOf(of: Collection, document: object): Change {
  const record = document as {
    id: string;
    revision: number;
    updated_at: Timestamp;
    binned_at?: Timestamp;
  };
  const { id, revision, updated_at, binned_at } = record;
  return of === 'bin'
    ? { id, revision, isGone: true, atMs: (binned_at ?? updated_at).toMillis() }
    : { id, revision, isGone: false, atMs: updated_at.toMillis(), record };
}

export class LibraryListener {
  readonly #options: ListenerOptions;
  /** What the query has. Of a document that leaves it, the client tells no more than the id. */
  readonly #seen = new Map<string, { revision: number; atMs: number }>();
  #newestMs: number;
  #openedMs = 0;
  #failures = 0;
  #reopening: NodeJS.Timeout | undefined;
  #stop: () => void = () => undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#newestMs = options.now();
    this.#open();
  }

  stop(): void {
    clearTimeout(this.#reopening);
    this.#stop();
  }

  #open(): void {
    const { of, ownerId, source, logger, now, random } = this.#options;
    const fromMs = this.#newestMs - CLOCKS_DIFFER_MS;
    this.#openedMs = now();
    let isFirst = true;
    this.#stop = source.listen(
      of,
      ownerId,
      fromMs,
      (snapshot) => {
        this.#failures = 0;
        this.#take(snapshot, !isFirst);
        if (isFirst) this.#dropAllBut(snapshot, fromMs);
        isFirst = false;
        if (snapshot.docs.length > MAX_KEPT && now() - this.#openedMs > RENEW_AFTER_MS) {
          this.#stop();
          this.#open();
        }
      },
      (error) => {
        const delay = backoff(++this.#failures, REOPENING, random);
        logger.warn({ error, delay, of }, 'listener of a library died; opening it again');
        this.#reopening = setTimeout(() => this.#open(), delay);
      },
    );
  }

  #take(snapshot: ListenSnapshot, isNews: boolean): void {
    const { of, tell } = this.#options;
    for (const { type, doc } of snapshot.docChanges()) {
      if (type === 'removed') {
        this.#drop(doc.id);
        continue;
      }
      const change = changeOf(of, doc.data());
      const { revision, atMs = 0 } = change;
      this.#seen.set(doc.id, { revision, atMs });
      this.#newestMs = Math.max(this.#newestMs, atMs);
      tell(change, isNews);
    }
  }

  /** A first snapshot is complete: what was there before, and is not in it, was deleted or is older. */
  #dropAllBut({ docs }: ListenSnapshot, fromMs: number): void {
    const present = new Set(docs.map(({ id }) => id));
    for (const [id, { atMs }] of this.#seen) {
      if (present.has(id)) continue;
      if (atMs >= fromMs) this.#drop(id);
      else this.#seen.delete(id);
    }
  }

  /** The query has no limit, and a time only grows. So a media leaves it by its deletion. */
  #drop(id: string): void {
    const { of, tell } = this.#options;
    const { revision = 0 } = this.#seen.get(id) ?? {};
    this.#seen.delete(id);
    // A media leaves the bin when it comes back, which its own query tells, or when it is erased, which is no news.
    if (of === 'media') tell({ id, revision, isGone: true }, true);
  }
}
