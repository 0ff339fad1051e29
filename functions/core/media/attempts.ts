/** The next attempt of a media: a failed one is tried again, or another analysis is asked for. */
import type { Firestore, Transaction } from '@google-cloud/firestore';
import type { Tier } from '@media-analysis/shared/analytics';
import { PROGRESS } from '@media-analysis/shared/status';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import { refuseFull } from './capacity.ts';
import type { Moments } from './moments.ts';
import {
  applied,
  askedFor,
  type Change,
  MEDIA_COLLECTION,
  type MediaRecord,
  nextAttempt,
  notFound,
  type QueueState,
  recordOf,
  refuseNewer,
  toUpdate,
  unwritten,
} from './record.ts';
import { refuseRetry, refuseUnfinished, unmade } from './refusals.ts';

/** A question about a media. */
export interface Asking {
  name: string;
  input: Record<string, unknown>;
  /** The language of the answers from now on. */
  language?: string | undefined;
  /** In place of the model of the deployment. */
  model?: string | undefined;
  tier?: Tier | undefined;
}

/**
 * Takes part in the transaction that asks: it may read and refuse, and it adds to the change of the media.
 * @throws {AppError} to refuse it
 */
export type WhileAsking = (
  transaction: Transaction,
  record: MediaRecord,
) => Promise<Change | undefined>;

export class Attempts {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  readonly #moments: Moments;

  constructor(firestore: Firestore, now: () => number, moments: Moments) {
    this.#firestore = firestore;
    this.#now = now;
    this.#moments = moments;
  }

  /**
   * Starts the next attempt of a failed media.
   * @throws {AppError} `not_found`; `not_retryable`, with the reason; `unavailable` if a later release has written it
   */
  async retry(
    id: string,
    ownerId: string,
    queue_state: QueueState = 'queued',
  ): Promise<MediaRecord> {
    const now = this.#now();
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.#ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      refuseRetry(record);
      const change = this.#withDerived(record, {
        ...nextAttempt(record, queue_state, now),
        progress: 0,
        wanted: unmade(record),
        failure: null,
        // Who tries again looks on: half the price is not worth a quarter of an hour.
        tier: undefined,
        ...this.#moments.again(record, { by: 'retry', transaction, nowMs: now }),
      });
      transaction.update(this.#ref(id), toUpdate(change));
      return applied(record, change);
    });
  }

  /**
   * Asks for an analysis of a stored media, also for one that was made before: its answer stays until there is a new one.
   * A person asks for each one, so the limit on calls counts anew; that on dollars goes on.
   * @param input What the analysis needs to know, by its schema. `language`: of the answer, from now on. `model`: asked first.
   * @throws {AppError} `not_found`; `invalid_request` if there is no room for the answer; `not_ready` while it is worked on, or
   *   if it was never stored; `unavailable` if a later
   *   release has written it
   */
  async ask(
    id: string,
    ownerId: string,
    { name, input, language, model, tier }: Asking,
    queue_state: QueueState,
    whileAsking?: WhileAsking,
  ): Promise<MediaRecord> {
    const now = this.#now();
    let asked: MediaRecord | undefined;
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.#ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      // If the answer to the commit was lost, Firestore's client runs this again.
      if (asked && record.revision === asked.revision) return asked;
      refuseNewer(record);
      const added = await whileAsking?.(transaction, record);
      refuseUnfinished(record);
      if (name !== DESCRIBE) refuseFull(record, name, input);
      const { status, error_code: code, error_message: message, analyses = {} } = record;
      const change = this.#withDerived(record, {
        ...nextAttempt(record, queue_state, now),
        progress: PROGRESS.stored,
        analyze: true,
        wanted: [name],
        language: language ?? record.language,
        // From here on the media does not say any more how its present result was made.
        made: { ...record.made, [name]: record.made?.[name] ?? unwritten(record, name) },
        failure:
          name !== DESCRIBE && status === 'failed' && code && message ? { code, message } : null,
        ...(name !== DESCRIBE && {
          analyses: { ...analyses, [name]: askedFor(input, now, analyses[name]) },
        }),
        // The attempt before may have asked another model, or in another way.
        asked_model: model,
        tier,
        ...this.#moments.again(record, { by: 'question', analysis: name, transaction, nowMs: now }),
        ...added,
      });
      transaction.update(this.#ref(id), toUpdate(change));
      asked = applied(record, change);
      return asked;
    });
  }

  #withDerived(record: MediaRecord, change: Change): Change {
    const derived = this.#moments.derive(applied(record, change), Object.keys(change));
    return { ...change, ...derived };
  }

  #ref(id: string) {
    return this.#firestore.collection(MEDIA_COLLECTION).doc(id);
  }
}
