/**
 * Knows which subscribers watch which media, and the newest state of each media. One Firestore listener
 * serves up to 30 ids of one owner and all their subscribers. An event is formatted once for all of them.
 */
import type { QueryDocumentSnapshot, QuerySnapshot } from '@google-cloud/firestore';
import { backoff } from '@media-analysis/shared/retry';
import type { MediaStatus } from '@media-analysis/shared/status';
import type { Logger } from '../../process/log.ts';
import type { Moments } from '../media/moments.ts';
import type { MediaRecord } from '../media/record.ts';
import { toMedia } from '../media/view.ts';
import type { Chunk } from './body.ts';
import { type MediaState, mediaEvent } from './events.ts';

/** `in` accepts 30 values: https://cloud.google.com/firestore/docs/query-data/queries#limits_on_or_queries */
const IDS_PER_LISTENER = 30;

export type Subscriber = (id: string, state: MediaState) => void;

/** A snapshot of a listener: each document that has changed, and the ids of all documents. */
export interface ListenSnapshot extends Pick<QuerySnapshot, 'docChanges'> {
  docs: readonly Pick<QueryDocumentSnapshot, 'id'>[];
}

/** Watches ids of one owner. Calls `onSnapshot` at once with the state, then with each change. */
export type Listen = (
  ownerId: string,
  ids: string[],
  onSnapshot: (snapshot: ListenSnapshot) => void,
  onError: (error: Error) => void,
) => () => void;

interface Watched {
  id: string;
  listener: Listener;
  subscribers: Set<Subscriber>;
  state: MediaState | undefined;
  revision: number;
}

interface Listener {
  ids: Set<string>;
  stop: () => void;
  failures: number;
  reopening: NodeJS.Timeout | undefined;
}

/** A document as it is streamed. */
export interface Shown {
  revision: number;
  writtenAtMs: number;
  /** A stream ends when all that it watches have a terminal status. */
  status: MediaStatus;
  event: Chunk;
}

interface HubOptions {
  listen: Listen;
  logger: Logger;
  /** Throws if this release cannot show the document. */
  show: (document: unknown) => Shown;
  /** Called for each pushed change of a known media, with the time at which the change was written. */
  onPush?: (writtenAtMs: number) => void;
  random?: () => number;
}

/** For a hub of media. */
export function showMedia(moments: Moments): (document: unknown) => Shown {
  return (document) => {
    const record = document as MediaRecord;
    const media = toMedia(record, moments);
    const { revision, status } = media;
    const writtenAtMs = record.updated_at.toMillis();
    return { revision, writtenAtMs, status, event: mediaEvent(media) };
  };
}

export const REOPENING = { initialDelayMs: 100, maxDelayMs: 5_000 };

export class Hub {
  readonly #owners = new Map<string, Map<string, Watched>>();
  readonly #listeners = new Map<Listener, string>();
  readonly #options: Required<HubOptions>;

  constructor(options: HubOptions) {
    this.#options = {
      onPush: () => undefined,
      random: Math.random,
      ...options,
    };
  }

  /**
   * Calls `subscriber` with the state of each id as soon as it is known, then with each change.
   * @returns a function that ends the subscription
   */
  subscribe(ownerId: string, ids: readonly string[], subscriber: Subscriber): () => void {
    const watchedById = this.#owners.get(ownerId) ?? new Map<string, Watched>();
    this.#owners.set(ownerId, watchedById);
    const fresh = ids.filter((id) => !watchedById.has(id));
    for (let start = 0; start < fresh.length; start += IDS_PER_LISTENER) {
      this.#open(ownerId, watchedById, fresh.slice(start, start + IDS_PER_LISTENER));
    }
    for (const id of ids) {
      const watched = watchedById.get(id);
      watched?.subscribers.add(subscriber);
      if (watched?.state) subscriber(id, watched.state);
    }
    return () => this.#unsubscribe(ownerId, watchedById, ids, subscriber);
  }

  close(): void {
    for (const listener of this.#listeners.keys()) this.#stop(listener);
    this.#owners.clear();
  }

  #open(ownerId: string, watchedById: Map<string, Watched>, ids: string[]): void {
    const listener: Listener = {
      ids: new Set(ids),
      stop: () => undefined,
      failures: 0,
      reopening: undefined,
    };
    for (const id of ids) {
      watchedById.set(id, { id, listener, subscribers: new Set(), state: undefined, revision: -1 });
    }
    this.#listeners.set(listener, ownerId);
    this.#start(listener, ownerId);
  }

  #start(listener: Listener, ownerId: string): void {
    const { listen, logger, random } = this.#options;
    let first = true;
    listener.stop = listen(
      ownerId,
      [...listener.ids],
      (snapshot) => {
        listener.failures = 0;
        this.#take(listener, ownerId, snapshot, first);
        first = false;
      },
      (error) => {
        const delay = backoff(++listener.failures, REOPENING, random);
        logger.warn({ error, delay, ids: listener.ids.size }, 'listener died; opening it again');
        listener.reopening = setTimeout(() => this.#start(listener, ownerId), delay);
      },
    );
  }

  #take(listener: Listener, ownerId: string, snapshot: ListenSnapshot, isFirst: boolean): void {
    const watchedById = this.#owners.get(ownerId);
    if (!watchedById) return;
    for (const change of snapshot.docChanges()) {
      const watched = watchedById.get(change.doc.id);
      // The query still has ids that had no subscriber for a while. They belong to another listener now.
      if (watched?.listener !== listener) continue;
      if (change.type === 'removed') this.#absent(watched);
      else this.#present(watched, change.doc.data());
    }
    if (!isFirst) return;
    // The first snapshot of a listener (also of one that was opened again) is complete. An id that is not in it
    // does not exist, and no change will report that.
    const held = new Set(snapshot.docs.map(({ id }) => id));
    for (const id of listener.ids) {
      const watched = watchedById.get(id);
      if (watched && !held.has(id)) this.#absent(watched);
    }
  }

  #present(watched: Watched, document: { revision?: unknown }): void {
    const { revision = 0 } = document as { revision?: number };
    // A listener that was opened again repeats known states.
    if (revision <= watched.revision && watched.state?.kind === 'present') return;
    const shown = this.#show(watched.id, document);
    if (!shown) {
      // The state that was sent before stays true until a stream of the later release sends a newer one.
      if (!watched.state) this.#publish(watched, { kind: 'unreadable' });
      return;
    }
    const isChange = watched.state?.kind === 'present';
    watched.revision = revision;
    this.#publish(watched, { kind: 'present', status: shown.status, event: shown.event });
    if (isChange) this.#options.onPush(shown.writtenAtMs);
  }

  #show(id: string, document: unknown): Shown | undefined {
    try {
      return this.#options.show(document);
    } catch (error) {
      // Otherwise one document would end the process, and all streams with it.
      this.#options.logger.error({ media_id: id, error }, 'not shown');
      return undefined;
    }
  }

  #absent(watched: Watched): void {
    if (watched.state?.kind === 'absent') return;
    this.#publish(watched, { kind: 'absent', known: watched.state !== undefined });
  }

  #publish(watched: Watched, state: MediaState): void {
    watched.state = state;
    for (const subscriber of watched.subscribers) subscriber(watched.id, state);
  }

  #unsubscribe(
    ownerId: string,
    watchedById: Map<string, Watched>,
    ids: readonly string[],
    subscriber: Subscriber,
  ): void {
    for (const id of ids) {
      const watched = watchedById.get(id);
      if (!watched?.subscribers.delete(subscriber) || watched.subscribers.size > 0) continue;
      watchedById.delete(id);
      watched.listener.ids.delete(id);
      if (watched.listener.ids.size === 0) this.#stop(watched.listener);
    }
    // Another subscriber of this owner may have created a new map since: delete only ours.
    if (watchedById.size === 0 && this.#owners.get(ownerId) === watchedById) {
      this.#owners.delete(ownerId);
    }
  }

  #stop(listener: Listener): void {
    clearTimeout(listener.reopening);
    this.#listeners.delete(listener);
    listener.stop();
  }
}
