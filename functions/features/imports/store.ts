/** Begins, pauses, resumes and cancels imports. `step.ts` makes their steps, in the worker. */
import {
  type DocumentReference,
  type Firestore,
  type Query,
  Timestamp,
} from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { ImportState } from '@media-analysis/shared/imports';
import { type Moments, NO_FEATURES, transact } from '../../core/media/moments.ts';
import { newestFirst, type Page, readPage } from '../../core/media/paging.ts';
import type { RecordRequest } from '../../core/media/request-record.ts';
import { IMPORTS_COLLECTION, type ImportRecord, toImport, unknownImport } from './record.ts';

const DAY_MS = 24 * 3_600 * 1_000;
export const KEEP_IMPORT_MS = 30 * DAY_MS;

/** Active imports of one owner. */
const MAX_UNDER_WAY = 20;

export type NewImport = Pick<
  ImportRecord,
  | 'owner_id'
  | 'source'
  | 'addresses'
  | 'in_place'
  | 'analyze'
  | 'analyses'
  | 'language'
  | 'callback'
  | 'metadata'
>;

export type ImportChange = 'pause' | 'resume' | 'cancel';

const CHANGES: Record<ImportChange, { from: readonly ImportState[]; to: ImportState }> = {
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['running', 'paused'], to: 'cancelled' },
};

/** In these states a change does nothing, and is no error. */
const HARMLESS: Record<ImportChange, readonly ImportState[]> = {
  pause: ['paused'],
  resume: ['running'],
  cancel: ['cancelled', 'completed'],
};

export class ImportStore {
  readonly #firestore: Firestore;
  readonly #now: () => number;

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
  }

  /** @throws {AppError} `rate_limited` if the owner has too many active imports */
  async create(wanted: NewImport, recordRequest?: RecordRequest): Promise<ImportRecord> {
    const { count } = (await this.#underWay(wanted.owner_id).count().get()).data();
    if (count >= MAX_UNDER_WAY) {
      throw new AppError(
        'rate_limited',
        `${count} imports of this user are under way already. Wait for the end of one, or cancel it.`,
        { retryAfterMs: 60_000 },
      );
    }
    const now = Timestamp.fromMillis(this.#now());
    const ref = this.#collection.doc();
    const { addresses } = wanted;
    const record: ImportRecord = {
      ...wanted,
      id: ref.id,
      state: 'running',
      wait_code: null,
      error_code: null,
      error_message: null,
      found: addresses?.length ?? 0,
      accepted: 0,
      skipped: 0,
      done: 0,
      failed: 0,
      failures: [],
      cursor: null,
      is_listed: addresses !== undefined,
      upcoming: [],
      working: [],
      created_at: now,
      updated_at: now,
      ended_at: null,
      revision: 1,
      due_at: now,
      expires_at: null,
    };
    const batch = this.#firestore.batch().create(ref, record);
    await recordRequest?.(batch, ref.id);
    await batch.commit();
    return record;
  }

  /** @throws {AppError} `not_found` */
  async get(id: string, ownerId: string): Promise<ImportRecord> {
    return owned((await this.#ref(id).get()).data(), id, ownerId);
  }

  /** Newest first. @throws {AppError} `invalid_request` for a bad token */
  list(ownerId: string, limit: number, pageToken?: string): Promise<Page<ImportRecord>> {
    const all = this.#collection.where('owner_id', '==', ownerId);
    return readPage<ImportRecord>(newestFirst(all), limit, pageToken);
  }

  /**
   * @throws {AppError} `not_found`; `not_ready` if the change is no longer possible
   */
  async change(
    id: string,
    ownerId: string,
    change: ImportChange,
    moments: Moments = NO_FEATURES,
  ): Promise<{ record: ImportRecord; isChanged: boolean }> {
    const now = Timestamp.fromMillis(this.#now());
    return transact(this.#firestore, async (transaction, add) => {
      const record = owned((await transaction.get(this.#ref(id))).data(), id, ownerId);
      const { state, revision, working } = record;
      if (HARMLESS[change].includes(state)) return { record, isChanged: false };
      const { from, to } = CHANGES[change];
      if (!from.includes(state)) {
        throw new AppError('not_ready', `This import is ${state}, so you cannot ${change} it.`);
      }
      const patch = {
        state: to,
        wait_code: null,
        error_code: null,
        error_message: null,
        revision: revision + 1,
        updated_at: now,
        ...(to === 'running' && { due_at: now }),
        // Nothing is left to count. With a time here, the sweeper would make tasks until the record is deleted.
        ...(to !== 'running' && working.length === 0 && { due_at: null }),
        ...(to === 'cancelled' && {
          ended_at: now,
          upcoming: [],
          ...(record.addresses && { addresses: [] }),
          expires_at: Timestamp.fromMillis(now.toMillis() + KEEP_IMPORT_MS),
        }),
      };
      transaction.update(this.#ref(id), patch);
      const changed = { ...record, ...patch };
      if (to === 'cancelled') add(await moments.jobEnding('import', ownerId, toImport(changed)));
      return { record: changed, isChanged: true };
    });
  }

  #underWay(ownerId: string): Query {
    const active: ImportState[] = ['running', 'paused'];
    return this.#collection.where('owner_id', '==', ownerId).where('state', 'in', active);
  }

  get #collection() {
    return this.#firestore.collection(IMPORTS_COLLECTION);
  }

  #ref(id: string): DocumentReference {
    return this.#collection.doc(id);
  }
}

function owned(data: unknown, id: string, ownerId: string): ImportRecord {
  const record = data as ImportRecord | undefined;
  if (record?.owner_id !== ownerId) throw unknownImport(id);
  return record;
}
