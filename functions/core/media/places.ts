/**
 * Places in the queues. All owners share the two queues of tasks, which deliver in the order of arrival. So an owner may
 * have only some media in them at a time, in both phases together; the others wait as documents without a task. Then the
 * photo of another owner stands behind a few tasks and not behind thousands. docs/decisions/0025-outages-are-waited-for.md
 * has the numbers.
 *
 * No lock is held. A caller first marks media as `queued`, and then counts: whoever finds too many gives its own marks
 * back before it creates a task. The last one to mark sees the marks of all others, so together they keep to the limit.
 *
 * A media that has to wait long for a service rests: it has no place until `retry_at`, and then asks for one again.
 */
import {
  type DocumentSnapshot,
  type Firestore,
  type Query,
  type QueryDocumentSnapshot,
  Timestamp,
} from '@google-cloud/firestore';
import { ABORTED, FAILED_PRECONDITION, hasCode, NOT_FOUND } from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import { SharedAnswers } from '../../process/shared-answers.ts';
import {
  isNewer,
  MEDIA_COLLECTION,
  type MediaRecord,
  nextPhase,
  type QueueState,
  recordOf,
  taskOf,
  taskOptionsOf,
} from './record.ts';
import type { TaskQueue } from './task-queue.ts';

interface PlacesDeps {
  firestore: Firestore;
  queue: TaskQueue;
  logger: Logger;
  /** Most media of one owner in the queues. */
  max: number;
  now?: () => number;
}

/**
 * A look for waiting media costs a read, and most owners have none. So only the media in the last places look when they
 * end: media wait only while all places are taken, and then these are taken too. While others wait, the last of those that get
 * a place look besides: those before them may have ended. Three, because one of them may be a long video.
 */
const LOOKING = 3;

/** How often a caller tries to take places that others take at the same time. Afterwards the sweeper does it. */
const ROUNDS = 10;

interface Count {
  /** Media of the owner that were marked as `queued`; if it was not counted, the most that there can be. */
  queued: number;
  /** How many more this process is about to mark. */
  marked: number;
  atMs: number;
}

/** How long a count is good enough to guess by. A wrong guess costs a write for each media. */
const FRESH_MS = 2_000;
/** The last counts of at most this many owners are kept. Then all are dropped, which costs a count each. */
const KNOWN_OWNERS = 50;

export class Places {
  readonly #firestore: Firestore;
  readonly #queue: TaskQueue;
  readonly #logger: Logger;
  readonly #max: number;
  readonly #now: () => number;
  readonly #counts = new SharedAnswers<Count>();
  /** The last count of each owner that this process has made. */
  readonly #lastCounts = new Map<string, Count>();

  constructor({ firestore, queue, logger, max, now = Date.now }: PlacesDeps) {
    this.#firestore = firestore;
    this.#queue = queue;
    this.#logger = logger;
    this.#max = max;
    this.#now = now;
  }

  /** @returns how many more media of the owner may be queued; below 0 while requests side by side have marked too many */
  async free(ownerId: string): Promise<number> {
    const { queued } = await this.#count(ownerId);
    return this.#max - queued;
  }

  /**
   * Says how many of `wanted` new media to mark as `queued`. It is a guess if this process has just counted, or if the owner
   * has sent few files today: `settle` counts after the marks are written, and corrects it.
   * @param sent How many files the owner has sent today before these.
   */
  async toMark(ownerId: string, wanted: number, sent = this.#max): Promise<number> {
    const count = this.#known(ownerId) ?? (await this.#guessOrCount(ownerId, wanted, sent));
    const free = Math.max(0, this.#max - count.queued - count.marked);
    const marked = Math.min(free, wanted);
    count.marked += marked;
    return marked;
  }

  /** The state for one more media. */
  async nextState(ownerId: string): Promise<QueueState> {
    return (await this.toMark(ownerId, 1)) > 0 ? 'queued' : 'waiting';
  }

  /**
   * Creates the tasks of media that were just marked as `queued`, or makes the last of them wait again if the owner has
   * too many. Never fails: what is left undone is in the documents, and the sweeper does it.
   * @param marked `queued` or `waiting`, in the order in which they are to be worked on.
   */
  settle(ownerId: string, marked: readonly MediaRecord[]): Promise<void> {
    const someWait = marked.some(({ queue_state }) => queue_state !== 'queued');
    return this.#settle(ownerId, marked, { someWait, rounds: ROUNDS });
  }

  async #settle(
    ownerId: string,
    marked: readonly MediaRecord[],
    { someWait, rounds }: { someWait: boolean; rounds: number },
  ): Promise<void> {
    const kept = marked.filter(({ queue_state }) => queue_state === 'queued');
    const free = await this.free(ownerId).catch((error: unknown) => {
      this.#logger.error({ error }, 'places not counted');
      return 0;
    });
    let given = 0;
    while (given < -free) {
      const last = kept.pop();
      if (!last) break;
      if (await this.#giveBack(last)) given++;
    }
    const taken = this.#max - free - given;
    const tasks = kept.map((record, i) => {
      const behind = kept.length - i - 1;
      const looks = taken - behind > this.#max - LOOKING || (someWait && behind < LOOKING);
      return this.#enqueue(record, !looks);
    });
    await Promise.all(tasks);
    if (given > 0 || (someWait && free > 0)) await this.refill(ownerId, rounds);
  }

  /**
   * Creates the tasks of marked media again, in case that the first caller has died. The names of tasks make that
   * harmless. If the owner has too many marks, a first caller is still at work. Never fails.
   */
  async resume(ownerId: string, marked: readonly MediaRecord[]): Promise<void> {
    const queued = marked.filter(({ queue_state }) => queue_state === 'queued');
    const free = await this.free(ownerId).catch(() => -1);
    if (free < 0) return;
    await Promise.all(queued.map((record) => this.#enqueue(record)));
    if (marked.length > queued.length) await this.refill(ownerId);
  }

  /**
   * Asks for a place for a media that has none, although its task was delivered: its rest is over. If no place is free
   * the media waits for one, as others do, and gets another task then.
   * @param media As it was read.
   * @returns false if it was changed or deleted at the same moment: look at it again
   */
  async ask(media: DocumentSnapshot): Promise<boolean> {
    const { owner_id } = media.data() as MediaRecord;
    const marked = await this.#mark([media], await this.nextState(owner_id));
    if (marked) await this.settle(owner_id, marked);
    return marked !== undefined;
  }

  /**
   * Gives the free places of an owner to waiting media in the order in which the page shows them: the newest batch first,
   * and in it the first file first. Never fails.
   */
  async refill(ownerId: string, rounds = ROUNDS): Promise<void> {
    try {
      for (let round = rounds; round > 0; round--) {
        const [newest] = await firstOf(this.#waiting(ownerId));
        const free = newest ? await this.free(ownerId) : 0;
        if (!newest || free <= 0) return;
        const docs = await this.#inOrder(newest, free);
        const taken = docs.length > 0 && (await this.#mark(docs, 'queued'));
        // Others have just given a place to one of them.
        if (!taken) continue;
        const someWait = docs.length === free;
        return await this.#settle(ownerId, taken, { someWait, rounds: round - 1 });
      }
    } catch (error) {
      this.#logger.error({ error }, 'places not refilled; the sweeper will do it');
    }
  }

  /** The first ones of the newest batch, and if these are fewer, of the batches before it. */
  async #inOrder(newest: QueryDocumentSnapshot, count: number): Promise<QueryDocumentSnapshot[]> {
    const { owner_id } = newest.data() as MediaRecord;
    const first = await this.#ofBatch(newest, count);
    if (first.length === count) return first;
    const all = new Map(first.map((doc) => [doc.id, doc]));
    const seen = new Set([batchOf(newest)]);
    for (const doc of await firstOf(this.#waiting(owner_id), count)) {
      if (all.size === count) break;
      if (seen.has(batchOf(doc))) continue;
      seen.add(batchOf(doc));
      for (const each of await this.#ofBatch(doc, count - all.size)) all.set(each.id, each);
    }
    return [...all.values()];
  }

  /** The first ones of the batch of a media, or only this one if it has none. */
  async #ofBatch(doc: QueryDocumentSnapshot, count: number): Promise<QueryDocumentSnapshot[]> {
    const { owner_id, batch_id } = doc.data() as MediaRecord;
    if (batch_id === undefined) return [doc];
    const batch = this.#of(owner_id, 'waiting').where('batch_id', '==', batch_id);
    return firstOf(batch.orderBy('created_at'), count);
  }

  #waiting(ownerId: string): Query {
    return this.#of(ownerId, 'waiting').orderBy('created_at', 'desc');
  }

  /** @param alone Whether no media of its owner can be waiting for the end of this one. */
  async #enqueue(record: MediaRecord, alone = false): Promise<void> {
    const payload = { ...taskOf(record), ...(alone && { alone }) };
    // After each wait it is another task: the name of the one before stays taken.
    const suffix = record.waits ? `-p${record.waits}` : '';
    await this.#queue
      .enqueue(nextPhase(record), payload, suffix, taskOptionsOf(record))
      .catch((error: unknown) => {
        this.#logger.error({ media_id: record.id, error }, 'not enqueued; the sweeper will do it');
      });
  }

  #known(ownerId: string): Count | undefined {
    const count = this.#lastCounts.get(ownerId);
    return count && this.#now() - count.atMs < FRESH_MS ? count : undefined;
  }

  async #guessOrCount(ownerId: string, wanted: number, sent: number): Promise<Count> {
    return sent + wanted <= this.#max ? this.#remember(ownerId, sent) : this.#count(ownerId);
  }

  /** Counts after this call, not before: the caller sees all marks that are written by now. */
  #count(ownerId: string): Promise<Count> {
    return this.#counts.ask(ownerId, async () => {
      const { count } = (await this.#of(ownerId, 'queued').count().get()).data();
      return this.#remember(ownerId, count);
    });
  }

  #remember(ownerId: string, queued: number): Count {
    const count = { queued, marked: 0, atMs: this.#now() };
    if (this.#lastCounts.size >= KNOWN_OWNERS) this.#lastCounts.clear();
    this.#lastCounts.set(ownerId, count);
    return count;
  }

  #of(ownerId: string, state: QueueState): Query {
    return this.#firestore
      .collection(MEDIA_COLLECTION)
      .where('queue_state', '==', state)
      .where('owner_id', '==', ownerId);
  }

  /** @returns undefined if another caller has changed one of them, or its owner has deleted it */
  async #mark(
    docs: readonly DocumentSnapshot[],
    state: QueueState,
  ): Promise<MediaRecord[] | undefined> {
    const batch = this.#firestore.batch();
    const marked = docs.map((doc) => {
      const { record, patch } = this.#changed(doc.data() as MediaRecord, state);
      const { updateTime: lastUpdateTime } = doc;
      batch.update(doc.ref, patch, lastUpdateTime ? { lastUpdateTime } : {});
      return record;
    });
    try {
      await batch.commit();
      return marked;
    } catch (error) {
      if (hasCode(error, FAILED_PRECONDITION, NOT_FOUND, ABORTED)) return undefined;
      throw error;
    }
  }

  /** @returns whether the owner has one mark less now */
  async #giveBack(record: MediaRecord): Promise<boolean> {
    const ref = this.#firestore.collection(MEDIA_COLLECTION).doc(record.id);
    try {
      return await this.#firestore.runTransaction(async (transaction) => {
        const present = recordOf(await transaction.get(ref));
        // If the answer to the commit was lost, Firestore's client runs this again.
        if (present?.queue_state === 'waiting') return true;
        // It was deleted, and not counted. Or an earlier task of it was delivered, and it is worked on already.
        if (present?.revision !== record.revision) return false;
        transaction.update(ref, this.#changed(record, 'waiting').patch);
        return true;
      });
    } catch (error) {
      this.#logger.error({ media_id: record.id, error }, 'place not given back');
      return false;
    }
  }

  #changed(record: MediaRecord, queue_state: QueueState) {
    const patch = {
      queue_state,
      // The reason for its rest has ended.
      retry_at: null,
      wait_code: null,
      revision: record.revision + 1,
      updated_at: Timestamp.fromMillis(this.#now()),
    };
    return { patch, record: { ...record, ...patch } };
  }
}

/** The first results, without those that a later release has written: these wait for its return. */
async function firstOf(query: Query, count = 1): Promise<QueryDocumentSnapshot[]> {
  const { docs } = await query.limit(count).get();
  const last = docs.at(-1);
  const own = docs.filter((doc) => !isNewer(doc.data() as MediaRecord));
  if (own.length > 0 || !last || docs.length < count) return own;
  return firstOf(query.startAfter(last), count);
}

/** A media without a batch is one by itself. */
function batchOf(doc: QueryDocumentSnapshot): string {
  const { batch_id = doc.id } = doc.data() as MediaRecord;
  return batch_id;
}
