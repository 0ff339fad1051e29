/**
 * Writes verdicts of analyses and decisions of operators to all media of an owner with the same bytes. A lease never writes these
 * fields, so it cannot undo a change. Media in the bin take part: otherwise deleting and restoring a media would lose a decision.
 */
import {
  type DocumentReference,
  type Firestore,
  type Query,
  type QueryDocumentSnapshot,
  Timestamp,
  type Transaction,
} from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { retry } from '@media-analysis/shared/retry';
import {
  BIN_COLLECTION,
  isNewer,
  MEDIA_COLLECTION,
  type MediaRecord,
  notFound,
  recordOf,
} from '../../core/media/record.ts';
import { isGrpcFault } from '../../process/service-fault.ts';
import {
  type Decision,
  isSame,
  join,
  known,
  type Moderation,
  moderationOf,
  type Verdict,
  withheldOf,
} from './withheld.ts';

/** Judged copies agree, so a few are enough. One of them may be the media itself. */
const JUDGED_COPIES = 3;

const PAGE = 300;

type Subject = Pick<MediaRecord, 'id' | 'owner_id' | 'sha256'>;
type Known = Omit<Moderation, 'content'>;

export class ModerationStore {
  readonly #firestore: Firestore;
  readonly #now: () => number;

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
  }

  /**
   * Call it before the result of the analysis is written. Then no copy is served that was found to be unsafe. It retries longer than
   * usual: if it failed, the analysis would have to be paid for again.
   */
  async judge(subject: Subject, verdict: Verdict, signal?: AbortSignal): Promise<void> {
    const { sha256: content } = subject;
    if (content === null) return;
    const again = { retries: 10, isRetryable: isGrpcFault, ...(signal && { signal }) };
    await retry(() => this.#judge({ ...subject, sha256: content }, verdict), again);
  }

  async #judge(
    { id, owner_id, sha256: content }: Subject & { sha256: string },
    verdict: Verdict,
  ): Promise<void> {
    const ref = this.#media().doc(id);
    const judged = (media: Query) =>
      media
        .where('owner_id', '==', owner_id)
        .where('moderation.content', '==', content)
        .limit(JUDGED_COPIES);
    const news = await this.#firestore.runTransaction(async (transaction) => {
      const [own, copies] = await Promise.all([
        transaction.get(ref),
        this.#find(transaction, judged),
      ]);
      const record = recordOf(own);
      if (!record) return undefined;
      // If no copy was judged, some may still have a description from a time without moderation.
      const isFirst = copies.length === 0;
      const tellers = isFirst ? await this.#copies(owner_id, content, transaction) : copies;
      const others = tellers
        .filter((doc) => doc.id !== id)
        .map((doc) => doc.data() as MediaRecord)
        .filter(({ analytics, moderation }) => analytics || moderation)
        .map(moderationOf);
      const all = [moderationOf(record), ...others].reduce(join, known(verdict, []));
      this.#write(transaction, ref, record, content, all);
      // These queries do not find copies that were not judged. A newly unsafe verdict must reach them too.
      const isNewlyUnsafe = all.verdict === 'unsafe' && record.moderation?.verdict !== 'unsafe';
      return !isNewlyUnsafe && others.every((other) => isSame(all, other)) ? undefined : all;
    });
    if (news) await this.#spread(owner_id, content, news);
  }

  /**
   * Writes an operator's decision to all copies.
   * @returns the number of copies
   * @throws {AppError} `not_found`; `not_ready` if the media is not stored yet
   */
  async decide(id: string, kind: Decision['kind'], by: string): Promise<number> {
    const { owner_id, sha256: content, file_name } = await this.get(id);
    if (content === null) throw new AppError('not_ready', `"${file_name}" is not stored.`);
    const copies = await this.#copies(owner_id, content);
    const { verdict, decisions } = copies
      .map((doc) => moderationOf(doc.data() as MediaRecord))
      .reduce(join, known('unknown', []));
    // The latest decision counts, and the clock of the operator before may have been ahead.
    const before = decisions.at(-1)?.at.toMillis() ?? 0;
    const at = Timestamp.fromMillis(Math.max(this.#now(), before + 1));
    const decision = { kind, by, at, verdict };
    return this.#spread(owner_id, content, known(verdict, [decision]));
  }

  /** @throws {AppError} `not_found` */
  async get(id: string): Promise<MediaRecord> {
    const record = recordOf(await this.#media().doc(id).get());
    if (!record) throw notFound(id);
    return record;
  }

  /** Media that wait for an operator's decision. */
  async *waiting(): AsyncGenerator<MediaRecord> {
    yield* this.#pages(this.#media().where('moderation.waits', '==', true));
  }

  /** Reads every media. */
  async *withheld(): AsyncGenerator<MediaRecord> {
    for await (const record of this.#pages(this.#media())) {
      if (withheldOf(record, 'hold')) yield record;
    }
  }

  async *#pages(query: Query): AsyncGenerator<MediaRecord> {
    let last: string | undefined;
    for (;;) {
      const ordered = query.orderBy('__name__').limit(PAGE);
      const { docs } = await (last === undefined ? ordered : ordered.startAfter(last)).get();
      for (const doc of docs) yield doc.data() as MediaRecord;
      last = docs.at(-1)?.id;
      if (docs.length < PAGE) return;
    }
  }

  /**
   * Joins `news` into each copy, until a pass changes nothing. A copy that was judged in the meantime has read the news, or the next
   * pass finds it. The same holds for a copy that moved to the bin or back.
   */
  async #spread(ownerId: string, content: string, news: Known): Promise<number> {
    for (;;) {
      const docs = await this.#copies(ownerId, content);
      let changed = 0;
      for (const { ref } of docs) if (await this.#tell(ref, content, news)) changed++;
      if (changed === 0) return docs.length;
    }
  }

  /** @returns true if the copy has changed, or has moved */
  async #tell(ref: DocumentReference, content: string, news: Known): Promise<boolean> {
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(ref));
      if (!record) return true;
      if (isNewer(record)) return false;
      return this.#write(transaction, ref, record, content, join(moderationOf(record), news));
    });
  }

  #write(
    transaction: Transaction,
    ref: DocumentReference,
    record: MediaRecord,
    content: string,
    all: Known,
  ): boolean {
    if (isSame(all, record.moderation)) return false;
    transaction.update(ref, {
      moderation: { content, ...all } satisfies Moderation,
      // A worker with a lease knows its own writes by their revision. Its next write shows this change to the page.
      ...(record.lease === null && {
        revision: record.revision + 1,
        updated_at: Timestamp.fromMillis(this.#now()),
      }),
    });
    return true;
  }

  /** Reads all copies at one moment. */
  #copies(
    ownerId: string,
    content: string,
    transaction?: Transaction,
  ): Promise<QueryDocumentSnapshot[]> {
    const find = (within: Transaction) =>
      this.#find(within, (media) =>
        media.where('owner_id', '==', ownerId).where('sha256', '==', content),
      );
    if (transaction) return find(transaction);
    return this.#firestore.runTransaction(find, { readOnly: true });
  }

  /** Searches the media and the bin. */
  async #find(
    transaction: Transaction,
    query: (media: Query) => Query,
  ): Promise<QueryDocumentSnapshot[]> {
    const everywhere = [this.#media(), this.#firestore.collection(BIN_COLLECTION)];
    const found = await Promise.all(everywhere.map((media) => transaction.get(query(media))));
    return found.flatMap(({ docs }) => docs);
  }

  #media() {
    return this.#firestore.collection(MEDIA_COLLECTION);
  }
}
