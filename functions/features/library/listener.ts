/** Listens to changes of an owner's media, or of the owner's bin, from a time on. */
import type { Timestamp } from '@google-cloud/firestore';
import { backoff } from '@media-analysis/shared/retry';
import { type ListenSnapshot, REOPENING } from '../../core/stream/hub.ts';
import type { Logger } from '../../process/log.ts';

/** The clocks of writers may differ by this much. A repeated event does no harm. */
export const CLOCKS_DIFFER_MS = 60_000;

/** Firestore's client keeps the name of each document in memory. With more than this, the listener is opened again from its position. */
const MAX_KEPT = 1_000;
/** A new listener reads the media of the last minute again, so this does not happen more often. */
const RENEW_AFTER_MS = 5 * 60_000;

export type Collection = 'media' | 'bin';

/** A removal has the revision of the version before it. So of two equal revisions, the removal is newer. */
export interface Version {
  revision: number;
  isGone: boolean;
}

export interface Change extends Version {
  id: string;
  /** Time of the write; not known for a document that has left the database. */
  atMs?: number;
  /** Missing if `isGone`. */
  record?: object;
}

export interface LibrarySource {
  /** Records that were written (in the bin: deleted) at this time or later, the oldest first. */
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
  /** `isNews`: it happened just now. The first snapshot has older changes. */
  tell: (change: Change, isNews: boolean) => void;
}

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
  /** The documents of the query. When one leaves it, the client gives only its id. */
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

  /** The first snapshot is complete. So a known media that it lacks was deleted, or is older than the query. */
  #dropAllBut({ docs }: ListenSnapshot, fromMs: number): void {
    const present = new Set(docs.map(({ id }) => id));
    for (const [id, { atMs }] of this.#seen) {
      if (present.has(id)) continue;
      if (atMs >= fromMs) this.#drop(id);
      else this.#seen.delete(id);
    }
  }

  /** The query has no limit, and times only grow. So a media leaves it only when it is deleted. */
  #drop(id: string): void {
    const { of, tell } = this.#options;
    const { revision = 0 } = this.#seen.get(id) ?? {};
    this.#seen.delete(id);
    // A media leaves the bin when it is restored, which the query for media tells, or when it is erased, which is no news.
    if (of === 'media') tell({ id, revision, isGone: true }, true);
  }
}
