/**
 * Tells subscribers each change of an owner's media. Two Firestore listeners, for media and bin, serve all subscribers of an owner on
 * this instance. They begin shortly before now. Earlier changes are read once for each subscriber that missed them.
 * docs/decisions/0053-the-library-live.md has the reasons.
 */
import { AppError } from '@media-analysis/shared/errors';
import type { Moments } from '../../core/media/moments.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import { toMedia } from '../../core/media/view.ts';
import type { Chunk } from '../../core/stream/body.ts';
import { FAILED_PRECONDITION, hasCode } from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import { changeEvent, removedEvent } from './events.ts';
import {
  type Change,
  CLOCKS_DIFFER_MS,
  type Collection,
  changeOf,
  LibraryListener,
  type LibrarySource,
  type Version,
} from './listener.ts';

/** A subscriber that was away for longer, or has missed more, reads the list instead. That costs less than so many events. */
const LONGEST_AWAY_MS = 3_600_000;
const MAX_MISSED = 1_000;

/** Media whose newest version is remembered. A forgotten version may be sent again, which does no harm. */
const MAX_KNOWN = 2_000;

/** Firestore builds an index in minutes. */
const INDEX_MS = 60_000;

export type LibrarySubscriber = (mediaId: string, event: Chunk) => void;

export interface LibraryOptions {
  source: LibrarySource;
  logger: Logger;
  moments: Moments;
  /** Called for each pushed change, with the time of its write. */
  onPush?: (writtenAtMs: number) => void;
  random?: () => number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export interface Watching {
  /**
   * The time from which each change is sent. Resolves when the subscriber has all changes up to now. Rejects with `unavailable` while
   * the database builds the index.
   */
  sinceMs: Promise<number>;
  stop: () => void;
}

interface Told extends Version {
  id: string;
  event: Chunk;
}

interface Read extends Version {
  id: string;
  atMs: number;
  /** Undefined if this release cannot show the media. */
  event: Chunk | undefined;
}

interface Subscription {
  subscriber: LibrarySubscriber;
  /** Changes that arrive while the missed ones are read. Undefined afterwards. */
  waiting: Told[] | undefined;
  /** Versions that were read for this subscriber. The listeners may be behind them. */
  read: Map<string, Version>;
}

export class Libraries {
  readonly #byOwner = new Map<string, Library>();
  readonly #options: Required<LibraryOptions>;

  constructor(options: LibraryOptions) {
    this.#options = {
      onPush: () => undefined,
      random: Math.random,
      now: Date.now,
      ...options,
    };
  }

  /**
   * Sends the changes since a time, and then each new one.
   * @param sinceMs Without it, or if it is more than an hour or a thousand changes ago, only new changes are sent.
   */
  watch(ownerId: string, sinceMs: number | undefined, subscriber: LibrarySubscriber): Watching {
    const library = this.#byOwner.get(ownerId) ?? new Library(ownerId, this.#options);
    this.#byOwner.set(ownerId, library);
    const watching = library.watch(sinceMs, subscriber);
    return {
      ...watching,
      stop: () => {
        watching.stop();
        // Another subscriber may have begun a new library for this owner: delete only ours.
        if (library.isWatched || this.#byOwner.get(ownerId) !== library) return;
        this.#byOwner.delete(ownerId);
      },
    };
  }

  close(): void {
    for (const library of this.#byOwner.values()) library.close();
    this.#byOwner.clear();
  }
}

class Library {
  readonly #ownerId: string;
  readonly #options: Required<LibraryOptions>;
  readonly #listeners: LibraryListener[];
  readonly #subscriptions = new Set<Subscription>();
  /** The last version of each media that was sent. The two listeners do not wait for each other. */
  readonly #known = new Map<string, Version>();
  /** A reader that has everything can go on from here. */
  #positionMs: number;

  constructor(ownerId: string, options: Required<LibraryOptions>) {
    this.#ownerId = ownerId;
    this.#options = options;
    this.#positionMs = options.now();
    const tell = (change: Change, isNews: boolean) => this.#tell(change, isNews);
    this.#listeners = (['media', 'bin'] as const).map(
      (of) => new LibraryListener({ ...options, of, ownerId, tell }),
    );
  }

  get isWatched(): boolean {
    return this.#subscriptions.size > 0;
  }

  watch(sinceMs: number | undefined, subscriber: LibrarySubscriber): Watching {
    const subscription: Subscription = { subscriber, waiting: [], read: new Map() };
    // The listeners send changes from here on. Earlier ones are read.
    this.#subscriptions.add(subscription);
    return {
      sinceMs: this.#begin(subscription, sinceMs),
      stop: () => {
        this.#subscriptions.delete(subscription);
        if (!this.isWatched) this.close();
      },
    };
  }

  close(): void {
    for (const listener of this.#listeners) listener.stop();
  }

  async #begin(subscription: Subscription, askedMs: number | undefined): Promise<number> {
    const nowMs = this.#options.now();
    const isRecent = askedMs !== undefined && askedMs >= nowMs - LONGEST_AWAY_MS;
    const fromMs = isRecent ? Math.min(askedMs, nowMs) : nowMs;
    const missed = await this.#missed(fromMs);
    if (!this.#subscriptions.has(subscription)) return fromMs;
    for (const told of missed ?? []) {
      subscription.read.set(told.id, told);
      subscription.subscriber(told.id, told.event);
    }
    const { waiting = [] } = subscription;
    subscription.waiting = undefined;
    for (const told of waiting) pass(told, subscription);
    return missed ? fromMs : nowMs;
  }

  /** The oldest change first. @returns undefined if there are too many */
  async #missed(sinceMs: number): Promise<Told[] | undefined> {
    const both = await Promise.all([this.#read('media', sinceMs), this.#read('bin', sinceMs)]);
    if (both.some(({ length }) => length > MAX_MISSED)) return undefined;
    const newest = new Map<string, Read>();
    for (const read of both.flat()) {
      if (isNewer(read, newest.get(read.id))) newest.set(read.id, read);
    }
    return [...newest.values()]
      .sort((a, b) => a.atMs - b.atMs)
      .flatMap(({ event, ...read }) => (event ? { ...read, event } : []));
  }

  async #read(of: Collection, sinceMs: number): Promise<Read[]> {
    const found: Read[] = [];
    const fromMs = sinceMs - CLOCKS_DIFFER_MS;
    try {
      for await (const document of this.#options.source.read(
        of,
        this.#ownerId,
        fromMs,
        MAX_MISSED + 1,
      )) {
        const change = changeOf(of, document);
        const { id, revision, isGone, atMs = 0 } = change;
        // Keeps the event and drops the record, which is several times as long.
        const event = this.#eventOf(change, Math.max(atMs, sinceMs));
        found.push({ id, revision, isGone, atMs, event });
      }
    } catch (error) {
      if (!hasCode(error, FAILED_PRECONDITION)) throw error;
      const message =
        'The database is still building the index by which a library is watched. Until it is there, ask for the list again.';
      throw new AppError('unavailable', message, { cause: error, retryAfterMs: INDEX_MS });
    }
    return found;
  }

  #tell(change: Change, isNews: boolean): void {
    const { id, revision, isGone, atMs } = change;
    if (!isNewer(change, this.#known.get(id))) return;
    this.#remember(id, { revision, isGone });
    this.#positionMs = Math.max(this.#positionMs, atMs ?? 0);
    const event = this.#eventOf(change, this.#positionMs);
    if (!event) return;
    for (const subscription of this.#subscriptions) {
      pass({ id, revision, isGone, event }, subscription);
    }
    if (isNews && atMs !== undefined) this.#options.onPush(atMs);
  }

  #remember(id: string, version: Version): void {
    // `delete` and `set` move the id to the end.
    this.#known.delete(id);
    this.#known.set(id, version);
    if (this.#known.size <= MAX_KNOWN) return;
    const [oldest = ''] = this.#known.keys();
    this.#known.delete(oldest);
  }

  #eventOf({ id, record, isGone }: Change, positionMs: number): Chunk | undefined {
    if (isGone) return removedEvent(id, positionMs);
    const { logger, moments } = this.#options;
    try {
      return changeEvent(toMedia(record as MediaRecord, moments), positionMs);
    } catch (error) {
      // A later release wrote it. The list leaves it out too.
      logger.error({ media_id: id, error }, 'not shown');
      return undefined;
    }
  }
}

function pass(told: Told, { subscriber, waiting, read }: Subscription): void {
  if (waiting) {
    waiting.push(told);
    return;
  }
  if (!isNewer(told, read.get(told.id))) return;
  read.delete(told.id);
  subscriber(told.id, told.event);
}

function isNewer(one: Version, other: Version | undefined): boolean {
  if (!other || one.revision > other.revision) return true;
  return one.revision === other.revision && one.isGone && !other.isGone;
}
