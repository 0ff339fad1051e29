/** Quotes, confirms, pauses, resumes and cancels reanalyses. `step.ts` makes their steps, in the worker. */
import {
  type DocumentReference,
  type Firestore,
  type Query,
  Timestamp,
  type Transaction,
} from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { ReanalysisState } from '@media-analysis/shared/reanalysis-state';
import { type Moments, NO_FEATURES, transact } from '../../core/media/moments.ts';
import { newestFirst, type Page, readPage } from '../../core/media/paging.ts';
import type { RecordRequest } from '../../core/media/request-record.ts';
import { countQuote } from './hourly-quotes.ts';
import { isExpired, type QuoteRequest, quoteOf } from './quote.ts';
import {
  REANALYSES_COLLECTION,
  type ReanalysisRecord,
  toReanalysis,
  unknownReanalysis,
} from './record.ts';

const DAY_MS = 24 * 3600 * 1_000;
/** A reanalysis is kept this long after its end, and a quote this long if nobody confirms it. */
export const KEEP_MS = { ended: 30 * DAY_MS, quoted: DAY_MS };

export type NewReanalysis = Omit<QuoteRequest, 'created_at'> &
  Pick<ReanalysisRecord, 'model' | 'tier'>;

type Change = 'confirm' | 'pause' | 'resume' | 'cancel';

const CHANGES: Record<Change, { from: readonly ReanalysisState[]; to: ReanalysisState }> = {
  confirm: { from: ['quoted'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['quoted', 'running', 'paused'], to: 'cancelled' },
};

/** In these states a change does nothing, and is no error. */
const HARMLESS: Record<Change, readonly ReanalysisState[]> = {
  confirm: ['running', 'paused', 'completed'],
  pause: ['paused'],
  resume: ['running'],
  cancel: ['cancelled', 'completed'],
};

export class ReanalysisStore {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  readonly #inFlight: number;

  /** @param inFlight Number of media of one reanalysis that are analysed at a time. */
  constructor(firestore: Firestore, inFlight: number, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#inFlight = inFlight;
    this.#now = now;
  }

  /**
   * Creates a reanalysis with its quote. It does not run yet.
   * @throws {AppError} `invalid_request` if the filter means too many media; `rate_limited` after too many quotes
   */
  async create(wanted: NewReanalysis, recordRequest?: RecordRequest): Promise<ReanalysisRecord> {
    const now = this.#now();
    await countQuote(this.#firestore, wanted.owner_id, now);
    const created_at = Timestamp.fromMillis(now);
    const quote = await quoteOf(this.#firestore, { ...wanted, created_at }, this.#inFlight);
    const ref = this.#collection.doc();
    const record: ReanalysisRecord = {
      ...wanted,
      id: ref.id,
      state: 'quoted',
      wait_code: null,
      quote,
      done: 0,
      failed: 0,
      skipped: 0,
      input_tokens: 0,
      output_tokens: 0,
      cost_usd: 0,
      created_at,
      updated_at: created_at,
      ended_at: null,
      revision: 1,
      asked: [],
      upcoming: [],
      cursor: 'start',
      busy: [],
      is_last_round: false,
      due_at: null,
      expires_at: Timestamp.fromMillis(now + KEEP_MS.quoted),
    };
    const batch = this.#firestore.batch().create(ref, record);
    await recordRequest?.(batch, ref.id);
    await batch.commit();
    return record;
  }

  /** @throws {AppError} `not_found` */
  async get(id: string, ownerId: string): Promise<ReanalysisRecord> {
    return owned((await this.#ref(id).get()).data(), id, ownerId);
  }

  /**
   * Newest first. The first page always has the active reanalysis, however many quotes are newer.
   * @throws {AppError} `invalid_request` for a bad token
   */
  async list(ownerId: string, limit: number, pageToken?: string): Promise<Page<ReanalysisRecord>> {
    const all = newestFirst(this.#collection.where('owner_id', '==', ownerId));
    const [page, active] = await Promise.all([
      readPage<ReanalysisRecord>(all, limit, pageToken),
      pageToken === undefined ? this.#underWay(ownerId).get() : { docs: [] },
    ]);
    const older = active.docs.filter(({ id }) => page.records.every((each) => each.id !== id));
    const records = older.map((doc) => doc.data() as ReanalysisRecord);
    return { ...page, records: [...page.records, ...records] };
  }

  /**
   * @throws {AppError} `not_found`; `quote_expired`; `reanalysis_conflict`, with the reason
   */
  async change(
    id: string,
    ownerId: string,
    change: Change,
    moments: Moments = NO_FEATURES,
  ): Promise<{ record: ReanalysisRecord; isChanged: boolean }> {
    const now = Timestamp.fromMillis(this.#now());
    return transact(this.#firestore, async (transaction, add) => {
      const record = owned((await transaction.get(this.#ref(id))).data(), id, ownerId);
      const { state, quote, revision, asked } = record;
      if (HARMLESS[change].includes(state)) return { record, isChanged: false };
      const { from, to } = CHANGES[change];
      if (!from.includes(state)) {
        const why =
          state === 'quoted'
            ? 'It has not begun: it is only a quote. Confirm it first.'
            : `It is ${state}, so you cannot ${change} it.`;
        throw new AppError('reanalysis_conflict', why);
      }
      if (change === 'confirm') {
        if (isExpired(quote, now)) {
          throw new AppError(
            'quote_expired',
            'The quote is older than an hour. Ask for a new one.',
          );
        }
        await this.#refuseSecond(transaction, ownerId);
      }
      const isEnd = to === 'cancelled';
      const patch = {
        state: to,
        wait_code: null,
        revision: revision + 1,
        updated_at: now,
        ...(to === 'running' && { due_at: now, expires_at: null }),
        // Nothing is left to count. With a time here, the sweeper would make tasks until the record is deleted.
        ...(to !== 'running' && asked.length === 0 && { due_at: null }),
        ...(isEnd && {
          ended_at: now,
          upcoming: [],
          busy: [],
          expires_at: Timestamp.fromMillis(now.toMillis() + KEEP_MS.ended),
        }),
      };
      transaction.update(this.#ref(id), patch);
      const changed = { ...record, ...patch };
      // A quote that nobody wants has not begun.
      if (isEnd && state !== 'quoted') {
        add(await moments.jobEnding('reanalysis', ownerId, toReanalysis(changed)));
      }
      return { record: changed, isChanged: true };
    });
  }

  /** Two at a time would ask about the same media, and pay twice. */
  async #refuseSecond(transaction: Transaction, ownerId: string): Promise<void> {
    const [other] = (await transaction.get(this.#underWay(ownerId))).docs;
    if (!other) return;
    throw new AppError(
      'reanalysis_conflict',
      `Another reanalysis is ${other.get('state')}: ${other.id}. Wait for its end, or cancel it.`,
      { extensions: { reanalysis_id: other.id } },
    );
  }

  #underWay(ownerId: string): Query {
    const active: ReanalysisState[] = ['running', 'paused'];
    return this.#collection.where('owner_id', '==', ownerId).where('state', 'in', active).limit(1);
  }

  get #collection() {
    return this.#firestore.collection(REANALYSES_COLLECTION);
  }

  #ref(id: string): DocumentReference {
    return this.#collection.doc(id);
  }
}

function owned(data: unknown, id: string, ownerId: string): ReanalysisRecord {
  const record = data as ReanalysisRecord | undefined;
  if (record?.owner_id !== ownerId) throw unknownReanalysis(id);
  return record;
}
