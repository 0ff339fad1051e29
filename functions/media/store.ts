/** The media documents: creation, reading, listing, retry, deletion. What a delivery changes in them is in `lease.ts`. */
import {
  type DocumentReference,
  type DocumentSnapshot,
  FieldValue,
  type Firestore,
  Timestamp,
  type WriteBatch,
} from '@google-cloud/firestore';
import type { Tier } from '@media-analysis/shared/analytics';
import type { EditMedia } from '@media-analysis/shared/edits';
import { AppError, ERRORS } from '@media-analysis/shared/errors';
import type { MediaFilters, MonthList } from '@media-analysis/shared/search';
import { isTerminal, PROGRESS } from '@media-analysis/shared/status';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import { DESCRIBE } from '../process/analysis-definition.ts';
import { Bin } from './bin.ts';
import type { CollectionName } from './collections.ts';
import { EarlierResults, unwritten } from './earlier-results.ts';
import { editsAfter } from './edits.ts';
import { findableOf } from './findable.ts';
import { readLocations } from './locations.ts';
import { type MediaPage, readMediaPage } from './media-query.ts';
import { countMonths } from './months.ts';
import type { ReanalysisRecord } from './reanalysis-record.ts';
import {
  askedFor,
  BIN_COLLECTION,
  isAnnounced,
  MEDIA_COLLECTION,
  type MediaRecord,
  nextAttempt,
  notFound,
  type QueueState,
  recordOf,
  refuseNewer,
  type StagedFrames,
  wantedOf,
} from './record.ts';
import type { RecordRequest } from './request-record.ts';
import { refuseFull } from './room.ts';
import { closeReceipt, dayOf, keepReceipt } from './usage.ts';

/** A media that failed so often in a row fails again. Each attempt costs tasks and writes, even if no model is asked. */
const MAX_ATTEMPTS = 10;

/** The attempt before may have asked another model, or in another way. */
const NOT_ASKED = {
  asked_model: FieldValue.delete(),
  tier: FieldValue.delete(),
  asked_by: FieldValue.delete(),
};

/** What is asked about a media. */
export interface Asking {
  name: string;
  input: Record<string, unknown>;
  /** Of the answer, from now on. */
  language?: string | undefined;
  /** In place of the model of the deployment. */
  model?: string | undefined;
  tier?: Tier | undefined;
  /** Who asks, if no person does. */
  by?: AskingRun;
}

/** A reanalysis that asks. It asks only while it is running, and only for the attempt that it has written down before. */
interface AskingRun {
  ref: DocumentReference;
  attempt: number;
}

export class MediaStore {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  /** The results that were there before. */
  readonly results: EarlierResults;
  readonly bin: Bin;

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
    this.results = new EarlierResults(firestore, now);
    this.bin = new Bin(firestore, this.results, now);
  }

  newId(): string {
    return this.#firestore.collection(MEDIA_COLLECTION).doc().id;
  }

  ref(id: string): DocumentReference {
    return this.#firestore.collection(MEDIA_COLLECTION).doc(id);
  }

  /** An empty set of writes, for `create`. */
  batch(): WriteBatch {
    return this.#firestore.batch();
  }

  /**
   * Creates the documents of new media together with the other writes that `batch` already holds: all of them
   * in one commit, or nothing.
   * @param records As `newMediaRecord` makes them.
   * @throws the error of Firestore: code 6 (ALREADY_EXISTS) if one of the ids is taken.
   */
  async create(records: readonly MediaRecord[], batch: WriteBatch): Promise<void> {
    for (const record of records) batch.create(this.ref(record.id), record);
    await batch.commit();
  }

  /**
   * Whether a media is neither there nor in the bin, so that its objects belong to nobody. Both are read as of one moment: it
   * may be moved from one to the other. https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#batchgetdocumentsresponse
   */
  async isGone(id: string): Promise<boolean> {
    const binned = this.#firestore.collection(BIN_COLLECTION).doc(id);
    const found = await this.#firestore.getAll(this.ref(id), binned);
    return found.every(({ exists }) => !exists);
  }

  /** @throws {AppError} `not_found` */
  async get(id: string, ownerId: string): Promise<MediaRecord> {
    const record = recordOf(await this.ref(id).get());
    if (record?.owner_id !== ownerId) throw notFound(id);
    return record;
  }

  /** The owner's media among `ids`, in the order of `ids`. */
  async getMany(ids: readonly string[], ownerId: string): Promise<MediaRecord[]> {
    if (ids.length === 0) return [];
    const snapshots = await this.#firestore.getAll(...ids.map((id) => this.ref(id)));
    const records = snapshots.map(recordOf);
    return records.filter((record) => record?.owner_id === ownerId) as MediaRecord[];
  }

  /** The owner's media, newest first unless the filters say otherwise. @throws {AppError} `invalid_request` for a bad token */
  list(
    ownerId: string,
    limit: number,
    pageToken?: string,
    filters: MediaFilters = {},
  ): Promise<MediaPage> {
    return readMediaPage(this.#firestore, ownerId, filters, limit, pageToken);
  }

  /** The months that have media, in the order of the list. */
  months(ownerId: string, filters: MediaFilters, timeZone: string): Promise<MonthList['months']> {
    return countMonths(this.#firestore, ownerId, filters, timeZone);
  }

  /** Where the owner's media were taken, the newest first. @throws {AppError} `invalid_request` for a bad token */
  locations(ownerId: string, limit: number, pageToken?: string) {
    return readLocations(this.#firestore, ownerId, limit, pageToken);
  }

  /**
   * Notes that the bytes of an announced media are there.
   * @returns undefined if that was noted before
   * @throws {AppError} `not_found`; `unavailable` if a later release has written it
   */
  async confirm(
    id: string,
    ownerId: string,
    queue_state: QueueState,
  ): Promise<MediaRecord | undefined> {
    let confirmed: MediaRecord | undefined;
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      // If the answer to the commit was lost, Firestore's client runs this again.
      if (!isAnnounced(record)) return confirmed;
      refuseNewer(record);
      const revision = record.revision + 1;
      const patch = { queue_state, revision, updated_at: Timestamp.fromMillis(this.#now()) };
      transaction.update(this.ref(id), patch);
      confirmed = { ...record, ...patch };
      return confirmed;
    });
  }

  /**
   * Notes which frames of an announced video were sent. They replace those that were noted before.
   * @throws {AppError} `not_found`; `not_ready` if its work has begun; `unavailable` if a later release has written it
   */
  async addFrames(id: string, ownerId: string, staged_frames: StagedFrames): Promise<MediaRecord> {
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      refuseLateFrames(record);
      const revision = record.revision + 1;
      const patch = { staged_frames, revision, updated_at: Timestamp.fromMillis(this.#now()) };
      transaction.update(this.ref(id), patch);
      return { ...record, ...patch };
    });
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
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      refuseRetry(record, now);
      const patch = {
        ...nextAttempt(record, queue_state, now),
        progress: 0,
        wanted: unmade(record),
        failure: null,
        ...callsOfToday(record, now),
        ...closeReceipt(this.#firestore, transaction, record, now),
      } as const;
      // Who tries again looks on: half the price is not worth a quarter of an hour.
      const { tier: _, ...others } = record;
      transaction.update(this.ref(id), { ...patch, tier: FieldValue.delete() });
      return { ...others, ...patch };
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
    { name, input, language, model, tier, by }: Asking,
    queue_state: QueueState,
    recordRequest?: RecordRequest,
  ): Promise<MediaRecord> {
    const now = this.#now();
    let asked: MediaRecord | undefined;
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      // If the answer to the commit was lost, Firestore's client runs this again.
      if (asked && record.revision === asked.revision) return asked;
      refuseNewer(record);
      if (by) refuseAsking(by, await transaction.get(by.ref), record);
      refuseUnfinished(record);
      refuseUsedUp(record, name, now);
      if (name !== DESCRIBE) refuseFull(record, name, input);
      const { status, error_code: code, error_message: message, analyses = {} } = record;
      const patch = {
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
        ...{ paid_calls: 0, paid_calls_before: 0 },
        ...closeReceipt(this.#firestore, transaction, record, now),
      } as const;
      const asking = {
        ...(model !== undefined && { asked_model: model }),
        ...(tier !== undefined && { tier }),
        ...(by && { asked_by: by.ref.id }),
      };
      await recordRequest?.(transaction, id);
      transaction.update(this.ref(id), { ...patch, ...NOT_ASKED, ...asking });
      const { asked_model: _model, tier: _tier, asked_by: _by, ...others } = record;
      asked = { ...others, ...patch, ...asking };
      return asked;
    });
  }

  /**
   * Writes the owner's words in place of the model's, or takes them back.
   * @throws {AppError} `not_found`; `unavailable` if a later release has written it
   */
  async edit(id: string, ownerId: string, change: EditMedia): Promise<MediaRecord> {
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      const { edits: before, ...others } = record;
      const edits = editsAfter(before, change);
      const edited = { ...others, ...(edits && { edits }) };
      const patch = {
        ...findableOf(edited),
        // The holder of a lease knows its own writes by their revision, and its next one shows this to the page.
        ...(record.lease === null && {
          revision: record.revision + 1,
          updated_at: Timestamp.fromMillis(this.#now()),
        }),
      };
      transaction.update(this.ref(id), { ...patch, edits: edits ?? FieldValue.delete() });
      return { ...edited, ...patch };
    });
  }

  /**
   * Deletes the document and keeps what it has cost. A worker that is still busy with it fails at its next write.
   * @throws {AppError} `not_found`; `unavailable` if a later release has written it
   */
  async remove(
    id: string,
    ownerId: string,
    { keepsReceipt = true }: { keepsReceipt?: boolean } = {},
  ): Promise<MediaRecord> {
    let removed: MediaRecord | undefined;
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      // Firestore's client runs this again if the answer to the commit was lost. If the document is missing
      // then, the first run has removed it.
      if (!record && removed) return removed;
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      const { docs } = await transaction.get(this.results.ofMedia(id));
      for (const result of docs) transaction.delete(result.ref);
      transaction.delete(this.ref(id));
      if (keepsReceipt) keepReceipt(this.#firestore, transaction, record, this.#now());
      removed = record;
      return record;
    });
  }

  /**
   * Removes the names of files that came with a media from the record of its request. The record itself stays for its
   * day: a request that is repeated must not make the media again.
   */
  async forgetFileNames(id: string): Promise<void> {
    const requests: CollectionName = 'idempotency';
    const query = this.#firestore.collection(requests).where('media_ids', 'array-contains', id);
    for (const { ref, data } of (await query.get()).docs.map((doc) => ({
      ref: doc.ref,
      data: doc.data(),
    }))) {
      const { rejected } = data as { rejected: RejectedFile[] };
      if (rejected.every(({ file_name }) => file_name === '')) continue;
      await ref.update({
        rejected: rejected.map((each) => ({ ...each, file_name: '', message: '' })),
      });
    }
  }
}

/** What a retry makes: everything that was asked for and has no answer. */
function unmade(record: MediaRecord): string[] {
  const { object, failure, error_code, analyses = {} } = record;
  // Nothing was made of a media that was never stored.
  if (object === null) return [...wantedOf(record)];
  const others = Object.keys(analyses).filter((name) => analyses[name]?.status !== 'completed');
  return [...(failure || error_code ? [DESCRIBE] : []), ...others];
}

/**
 * Another person may have asked meanwhile, or the run was stopped: then it must not ask. A run that goes on after a pause
 * has another plan than a step from before the pause.
 */
function refuseAsking(by: AskingRun, run: DocumentSnapshot, record: MediaRecord): void {
  const { state, asked = [] } = (run.data() ?? {}) as Partial<ReanalysisRecord>;
  const isPlanned = asked.some(
    ({ media_id, attempt }) => media_id === record.id && attempt === by.attempt,
  );
  if (state === 'running' && isPlanned && record.attempts === by.attempt - 1) return;
  throw new AppError('not_ready', 'The reanalysis has stopped, or somebody has asked before it.');
}

/** @throws {AppError} `not_ready` if the work on the video has begun: a model may look at what is there already */
export function refuseLateFrames(record: MediaRecord): void {
  if (isAnnounced(record)) return;
  throw new AppError(
    'not_ready',
    `Frames of "${record.file_name}" come too late: send them between the announcement of the video and "uploaded".`,
  );
}

function refuseUnfinished({ status, object, file_name }: MediaRecord): void {
  if (!isTerminal(status)) {
    throw new AppError(
      'not_ready',
      `"${file_name}" is still being worked on. Ask again when it is done.`,
    );
  }
  if (object === null) {
    throw new AppError('not_ready', `"${file_name}" is not stored, so it cannot be analysed.`);
  }
}

/** An analysis for which a model was asked as often as may be paid for in a day is not begun anew on that day. */
export function isUsedUp(record: MediaRecord, name: string, now: number): boolean {
  const { failure, error_code, analyses, paid_calls } = record;
  const code =
    name === DESCRIBE ? (failure?.code ?? error_code) : (analyses?.[name]?.error_code ?? null);
  return code === 'analysis_too_costly' && paid_calls > 0 && isOfToday(record, now);
}

function refuseUsedUp(record: MediaRecord, name: string, now: number): void {
  if (!isUsedUp(record, name, now)) return;
  throw new AppError(
    'not_retryable',
    `The model was asked about "${record.file_name}" as often as may be paid for in a day. Try again tomorrow (UTC), or upload another file.`,
  );
}

/** What is left of the count of calls when a failed media is tried again. */
function callsOfToday(record: MediaRecord, now: number) {
  // After calls that never ended a person asks again, perhaps when the model is well. The limits in dollars go on.
  const goesOn = isOfToday(record, now) && record.error_code !== 'analysis_timeout';
  // Documents of earlier versions do not have the field.
  const { paid_calls = 0 } = record;
  return goesOn
    ? { paid_calls, paid_calls_before: paid_calls }
    : { paid_calls: 0, paid_calls_before: 0 };
}

/** Whether the media failed on this day (UTC). */
function isOfToday({ updated_at }: MediaRecord, now: number): boolean {
  return dayOf(updated_at.toMillis()) === dayOf(now);
}

function refuseRetry(record: MediaRecord, now: number): void {
  const { status, error_code, file_name, attempts, paid_calls } = record;
  if (!isTerminal(status)) {
    throw new AppError('not_retryable', `"${file_name}" is still being worked on.`);
  }
  if (status === 'completed') {
    throw new AppError('not_retryable', `"${file_name}" is completed already.`);
  }
  if (error_code !== null && !ERRORS[error_code].retryable) {
    throw new AppError(
      'not_retryable',
      `Trying "${file_name}" again would fail the same way: upload another file instead.`,
    );
  }
  // Without a call it failed for a limit in dollars, which the operator may have raised.
  const isUsedUp = error_code === 'analysis_too_costly' && paid_calls > 0;
  if (isUsedUp && isOfToday(record, now)) {
    throw new AppError(
      'not_retryable',
      `The model was asked about "${file_name}" as often as may be paid for in a day. Try again tomorrow (UTC), or upload another file.`,
    );
  }
  // Each question is an attempt too, and those before the last answer have not failed.
  const answered = Object.values(record.made ?? {}).map(({ attempt }) => attempt);
  if (attempts - Math.max(0, ...answered) >= MAX_ATTEMPTS) {
    throw new AppError(
      'not_retryable',
      `"${file_name}" was tried ${MAX_ATTEMPTS} times already. Upload it again, or another file.`,
    );
  }
}
