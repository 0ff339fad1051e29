/** Plans a step of an import. It reads and writes nothing itself. */
import { Timestamp } from '@google-cloud/firestore';
import type { ErrorCode } from '@media-analysis/shared/errors';
import type { Import } from '@media-analysis/shared/imports';
import { isTerminal } from '@media-analysis/shared/status';
import type { Uploads } from '../../core/accept/daily-uploads.ts';
import {
  applied,
  type MediaRecord,
  type NewMedia,
  newMediaRecord,
} from '../../core/media/record.ts';
import type { ListedObject } from '../../storage/list-bucket.ts';
import type { Fetched } from './download.ts';
import { isFolder, objectFields, whyRefused } from './objects.ts';
import { addFailure, type ImportAddress, type ImportRecord, importedId } from './record.ts';
import { KEEP_IMPORT_MS } from './store.ts';

/** Time to the next check if no media of the import ends: fresh uploads may be done, a media may be deleted, a task may be lost. */
export const LOOK_MS = 10_000;
/** Time to the next check while all media wait for a service, or the daily limit is reached. */
const LONG_LOOK_MS = 10 * 60_000;
/** A media that waits longer for its task may have none: the step that created it may have died. */
const TASK_MS = 10_000;

export interface PlanLimits {
  /** Number of media of one import that are processed at a time. */
  inFlight: number;
  maxUploadBytes: number;
  /** Daily limit of one owner. */
  perDay: Uploads;
  nowMs: number;
}

export interface PlannedStep {
  /** The new state of the import. */
  run: ImportRecord;
  /** New media. */
  records: MediaRecord[];
  /** Media whose tasks may be lost. */
  stuck: MediaRecord[];
  /** Time to the next step in milliseconds; undefined if none is needed. */
  nextMs: number | undefined;
}

type Accepted = Pick<
  NewMedia,
  'id' | 'file_name' | 'content_type' | 'size' | 'source' | 'staging_object'
> &
  Pick<MediaRecord, 'source_url' | 'external_id'>;

/** Tries of an address whose server does not answer, each in another step. */
const MAX_TRIES = 3;

export class ImportPlan {
  readonly #run: ImportRecord;
  readonly #limits: PlanLimits;
  readonly #working: MediaRecord[] = [];
  readonly #accepted: Accepted[] = [];
  /** Addresses to try again after the others. */
  readonly #again: ImportAddress[] = [];
  #bytes = 0;
  #waitCode: Import['wait_code'] = null;
  #isCutShort = false;

  /** @param records One for each id of `run.working`; undefined for a media that is gone. */
  constructor(
    run: ImportRecord,
    records: readonly (MediaRecord | undefined)[],
    limits: PlanLimits,
  ) {
    this.#run = { ...run, upcoming: [...run.upcoming], working: [] };
    if (run.addresses) this.#run.addresses = [...run.addresses];
    this.#limits = limits;
    for (const [n, id] of run.working.entries()) this.#count(id, records[n]);
  }

  /** Number of media that may still begin. */
  get free(): number {
    const { working } = this.#run;
    return this.#limits.inFlight - working.length - this.#accepted.length;
  }

  /** True if the next page must be listed before more objects can be chosen. */
  get needsPage(): boolean {
    return this.#run.upcoming.length === 0 && !this.#run.is_listed;
  }

  get cursor(): string | null {
    return this.#run.cursor;
  }

  addPage(objects: readonly ListedObject[], isEnd: boolean): void {
    const files = objects.filter((object) => !isFolder(object));
    this.#run.upcoming.push(...files);
    this.#run.found += files.length;
    this.#run.cursor = objects.at(-1)?.name ?? this.#run.cursor;
    this.#run.is_listed = isEnd;
  }

  take(count: number): ListedObject[] {
    return this.#run.upcoming.splice(0, count);
  }

  /**
   * Accepts, skips or refuses each object.
   * @param known Ids of media that exist already.
   * @param left The rest of the owner's daily limit, before this step.
   * @returns false if no more can begin now: the other objects come later
   */
  choose(objects: readonly ListedObject[], known: ReadonlySet<string>, left: Uploads): boolean {
    for (const [n, object] of objects.entries()) {
      if (known.has(this.idOf(object))) this.#run.skipped++;
      else if (this.#isRefused(object)) continue;
      else if (this.free > 0 && this.#fitsToday(object, left)) this.#acceptObject(object);
      else {
        this.#run.upcoming.unshift(...objects.slice(n));
        return false;
      }
    }
    return true;
  }

  idOf(object: ListedObject): string {
    return importedId(this.#run.owner_id, bucketOf(this.#run), object);
  }

  /**
   * True if addresses are left and no other step downloads.
   * @param task The name of this step's task.
   */
  needsDownload(task: string | undefined): boolean {
    const { addresses = [] } = this.#run;
    return addresses.length > 0 && (this.#lockedMs <= 0 || this.#run.held_by === task);
  }

  /**
   * Accepts, skips or refuses the first addresses, up to one that has no result yet.
   * @param left The rest of the owner's daily limit.
   */
  addFetched(fetched: ReadonlyMap<string, Fetched>, left: Uploads): void {
    const { addresses = [] } = this.#run;
    for (let next = addresses[0]; next; next = addresses[0]) {
      const file = fetched.get(next.url);
      if (!file || this.free <= 0) return;
      if (file.kind === 'tomorrow' || (file.kind === 'staged' && !this.#fitsToday(file, left))) {
        this.waitForTomorrow();
        return;
      }
      addresses.shift();
      this.#addFetched(next, file);
    }
  }

  waitForTomorrow(): void {
    this.#waitCode = 'rate_limited';
  }

  /** The downloads of this step are done: other steps may go on. */
  unlock(): void {
    this.#run.held_until = null;
    this.#run.held_by = null;
    this.#isCutShort = true;
  }

  get accepted(): Uploads {
    return { bytes: this.#bytes, files: this.#accepted.length };
  }

  /** Other media of the owner go first. */
  waitForFreshWork(): void {
    this.#waitCode = 'fresh_uploads';
  }

  /** This step has read all its pages. The next step goes on at once. */
  cutShort(): void {
    this.#isCutShort = true;
  }

  /** Pauses the import until somebody has fixed the problem and resumes it. */
  stop(code: ErrorCode, message: string): void {
    this.#run.state = 'paused';
    this.#run.error_code = code;
    this.#run.error_message = message;
  }

  /** @param slots Number of new media that get a slot in the queue; the others wait. */
  finish(slots: number): PlannedStep {
    const run = this.#run;
    const records = this.#accepted.map((file, order) => this.#recordOf(file, order, slots));
    run.working.push(...records.map(({ id }) => id));
    run.accepted += records.length;
    run.addresses?.push(...this.#again);
    const left = run.upcoming.length + (run.addresses?.length ?? 0) + run.working.length;
    const isOver = run.is_listed && left === 0;
    if (run.state === 'running' && isOver) this.#complete();
    run.wait_code = run.state === 'running' ? this.#whyItWaits() : null;
    const nextMs = this.#nextMs();
    run.due_at = nextMs === undefined ? null : this.#time(nextMs);
    run.revision++;
    run.updated_at = this.#time(0);
    const stuck = this.#working.filter((record) => this.#isStuck(record));
    return { run, records, stuck, nextMs };
  }

  #count(id: string, record: MediaRecord | undefined): void {
    if (!record) this.#run.skipped++;
    else if (!isTerminal(record.status)) {
      this.#run.working.push(id);
      this.#working.push(record);
    } else if (record.status === 'completed') this.#run.done++;
    else {
      const { file_name, source, source_url, error_code, error_message } = record;
      const name = source?.name ?? source_url ?? file_name;
      addFailure(this.#run, name, error_code ?? 'internal', error_message ?? '', id);
    }
  }

  /** The rest of the time for which a step has the lock. */
  get #lockedMs(): number {
    return (this.#run.held_until?.toMillis() ?? 0) - this.#nowMs;
  }

  #isRefused(object: ListedObject): boolean {
    const { maxUploadBytes, perDay } = this.#limits;
    const refusal = whyRefused(object, Math.min(maxUploadBytes, perDay.bytes));
    if (refusal) addFailure(this.#run, object.name, refusal.code, refusal.message);
    return refusal !== undefined;
  }

  #addFetched({ url, tries, ...named }: ImportAddress, file: Fetched): void {
    switch (file.kind) {
      case 'staged': {
        const { kind: _, ...staged } = file;
        this.#accept({ ...staged, ...named, source_url: url, staging_object: staged.id });
        return;
      }
      case 'known':
        this.#run.skipped++;
        return;
      case 'later':
        if (tries + 1 < MAX_TRIES) this.#again.push({ url, tries: tries + 1, ...named });
        else addFailure(this.#run, url, file.code, file.message);
        return;
      case 'refused':
        addFailure(this.#run, url, file.code, file.message);
    }
  }

  #fitsToday({ size }: Pick<ListedObject, 'size'>, { bytes, files }: Uploads): boolean {
    const fits = this.#bytes + size <= bytes && this.#accepted.length < files;
    if (!fits) this.#waitCode = 'rate_limited';
    return fits;
  }

  #acceptObject(object: ListedObject): void {
    const fields = objectFields(bucketOf(this.#run), object, this.#run.in_place);
    this.#accept({ id: this.idOf(object), ...fields });
  }

  #accept(file: Accepted): void {
    this.#accepted.push(file);
    this.#bytes += file.size;
  }

  #recordOf(file: Accepted, order: number, slots: number): MediaRecord {
    const { id: import_id, owner_id, analyze, analyses, language, callback, metadata } = this.#run;
    const { source_url, external_id, ...others } = file;
    const media: NewMedia = {
      ...others,
      owner_id,
      analyze,
      wanted: analyses,
      language,
      queue_state: order < slots ? 'queued' : 'waiting',
    };
    const record = newMediaRecord(media, this.#limits.nowMs, order);
    return applied(record, { import_id, source_url, callback, metadata, external_id });
  }

  #complete(): void {
    this.#run.state = 'completed';
    this.#run.ended_at = this.#time(0);
    this.#run.expires_at = this.#time(KEEP_IMPORT_MS);
  }

  #whyItWaits(): Import['wait_code'] {
    if (this.#waitCode) return this.#waitCode;
    const isWaiting = ({ wait_code, queue_state }: MediaRecord) =>
      wait_code !== null || queue_state === 'waiting';
    const { length } = this.#run.working;
    if (length === 0 || this.#working.filter(isWaiting).length < length) return null;
    return this.#working[0]?.wait_code ?? 'no_place';
  }

  #nextMs(): number | undefined {
    const { state, working } = this.#run;
    if (state !== 'running' && working.length === 0) return undefined;
    if (this.#isCutShort && this.#waitCode === null) return 0;
    if (this.#lockedMs > 0) return this.#lockedMs;
    const restMs = this.#working.map(({ retry_at }) => (retry_at?.toMillis() ?? 0) - this.#nowMs);
    const isResting = working.length > 0 && restMs.length === working.length;
    const longest = isResting ? Math.min(...restMs) : 0;
    const wantedMs = this.#waitCode === 'rate_limited' ? LONG_LOOK_MS : longest;
    return Math.min(Math.max(LOOK_MS, wantedMs), LONG_LOOK_MS);
  }

  #isStuck({ status, lease, updated_at }: MediaRecord): boolean {
    return status === 'pending' && !lease && this.#nowMs - updated_at.toMillis() > TASK_MS;
  }

  get #nowMs(): number {
    return this.#limits.nowMs;
  }

  #time(inMs: number): Timestamp {
    return Timestamp.fromMillis(this.#nowMs + inMs);
  }
}

/** Empty for an import of addresses. */
export function bucketOf({ source }: Pick<ImportRecord, 'source'>): string {
  return 'bucket' in source ? source.bucket : '';
}
