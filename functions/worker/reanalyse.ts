/**
 * One step of a reanalysis: count the media that have ended, and ask about the next ones.
 *
 * A step writes down which media it is about to ask about, with their next attempts, in the same commit as the counts. Then it
 * asks. A step that dies in between is made up for by the next one: a media that has reached the attempt was asked about, and
 * any other was not. Two steps side by side cannot both commit. So nothing is asked twice, and nothing is counted twice.
 */
import {
  type DocumentReference,
  type Firestore,
  type Query,
  Timestamp,
} from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import { isTerminal } from '@media-analysis/shared/status';
import type { Places } from '../media/places.ts';
import { candidatesFrom } from '../media/reanalysis-candidates.ts';
import {
  type AskedMedia,
  REANALYSES_COLLECTION,
  type ReanalysisRecord,
  type Spent,
} from '../media/reanalysis-record.ts';
import { isMeant, standingOf } from '../media/reanalysis-standing.ts';
import { KEEP_MS } from '../media/reanalysis-store.ts';
import {
  isNewer,
  MEDIA_COLLECTION,
  type MediaRecord,
  type QueueState,
  recordOf,
  usageOf,
} from '../media/record.ts';
import { isFull } from '../media/room.ts';
import { isUsedUp, type MediaStore } from '../media/store.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import { DESCRIBE } from '../process/analysis-definition.ts';
import { ABORTED, FAILED_PRECONDITION, hasCode, NOT_FOUND } from '../process/grpc-status.ts';
import type { Logger } from '../process/log.ts';
import type { Answer } from './delivery.ts';

export interface ReanalyseDeps {
  firestore: Firestore;
  media: MediaStore;
  queue: TaskQueue;
  places: Places;
  logger: Logger;
  /** How many media are asked about at a time. */
  inFlight: number;
  now: () => number;
}

/** How often a step begins anew if another one, or its owner, has changed the run at the same moment. */
const ROUNDS = 5;

/** So many pages are read in one step. What is up to date is passed over fast, and the next step goes on. */
const PAGES = 10;

/**
 * When a run is looked at if no media of it ends: for fresh uploads that are done, a media that was deleted, and a task that
 * was lost.
 */
const LOOK_MS = 10_000;
/** While all its media wait for a service or a limit. */
const LONG_LOOK_MS = 10 * 60_000;
/** A media whose task has not come for that long may have none, if the step that asked has died. */
const TASK_MS = 10_000;

/** @returns whether the task is done, or must be delivered again */
export async function reanalyse(id: string, deps: ReanalyseDeps): Promise<Answer> {
  const ref = deps.firestore.collection(REANALYSES_COLLECTION).doc(id);
  for (let round = 0; round < ROUNDS; round++) {
    const snapshot = await ref.get();
    const run = snapshot.data() as ReanalysisRecord | undefined;
    if (!run || !isAtWork(run)) return { done: true };
    const step = await new Step(run, deps).plan();
    if (!(await write(ref, step, snapshot.updateTime, deps))) continue;
    await ask(ref, step, deps);
    await enqueueNext(step, deps);
    return { done: true };
  }
  return { done: false, status: 503, retryAfterMs: 1_000 };
}

/** A run that was paused or cancelled counts the media that it has asked about. */
function isAtWork({ state, asked }: ReanalysisRecord): boolean {
  return state === 'running' || asked.length > 0;
}

interface Planned {
  /** As it is to be written. */
  run: ReanalysisRecord;
  /** Whether its owner sees a difference. */
  isChanged: boolean;
  /** Media that are not asked about yet. */
  toAsk: AskedMedia[];
  /** Media that were, and whose tasks may be lost. */
  stuck: MediaRecord[];
  /** When to look again, in milliseconds; undefined: there is nothing to be done. */
  nextMs: number | undefined;
}

class Step {
  readonly #before: ReanalysisRecord;
  readonly #run: ReanalysisRecord;
  readonly #deps: ReanalyseDeps;
  readonly #toAsk: AskedMedia[] = [];
  readonly #stuck: MediaRecord[] = [];
  /** Media that are being worked on. */
  readonly #working: MediaRecord[] = [];

  constructor(run: ReanalysisRecord, deps: ReanalyseDeps) {
    this.#before = run;
    this.#run = { ...run, upcoming: [...run.upcoming], busy: [...run.busy], asked: [] };
    this.#deps = deps;
  }

  async plan(): Promise<Planned> {
    const run = this.#run;
    await this.#countEnded();
    const isWaiting = run.state === 'running' && (await this.#hasFreshWork());
    const isRead = run.state !== 'running' || isWaiting || (await this.#chooseNext());
    if (run.state === 'running' && !isWaiting && isRead && run.asked.length === 0) {
      this.#complete();
    }
    run.wait_code = run.state === 'running' ? this.#waitCode(isWaiting) : null;
    const nextMs = this.#nextMs(isRead);
    run.due_at = nextMs === undefined ? null : this.#time(nextMs);
    const isChanged = this.#isChanged();
    if (isChanged) {
      run.revision++;
      run.updated_at = this.#time(0);
    }
    return { run, isChanged, toAsk: this.#toAsk, stuck: this.#stuck, nextMs };
  }

  /** Takes the media out of `asked` whose attempt has ended, and counts them. */
  async #countEnded(): Promise<void> {
    const asked = this.#before.asked;
    const records = await this.#read(asked.map(({ media_id }) => media_id));
    for (const [n, entry] of asked.entries()) {
      const record = records[n];
      if (!record) this.#run.skipped++;
      else if (record.attempts < entry.attempt) this.#notAskedYet(entry, record);
      else if (record.attempts > entry.attempt) this.#ended(entry, record);
      else if (record.asked_by !== this.#run.id) this.#somebodyElse(entry.media_id);
      else if (isTerminal(record.status)) this.#ended(entry, record);
      else this.#atWork(entry, record);
    }
  }

  /** The step that wrote it down has died, or has met somebody who asked at the same moment. */
  #notAskedYet(entry: AskedMedia, record: MediaRecord): void {
    if (this.#run.state === 'paused') this.#run.upcoming.unshift(entry.media_id);
    if (this.#run.state !== 'running') return;
    if (this.#cannotBeAsked(record)) this.#run.skipped++;
    else this.#plan(entry);
  }

  #ended(entry: AskedMedia, record: MediaRecord): void {
    const { made } = record;
    const run = this.#run;
    const isDone = made?.[run.analysis]?.attempt === entry.attempt;
    if (isDone) run.done++;
    else run.failed++;
    const own = isDone ? (made?.[run.analysis]?.usage?.cost_usd ?? null) : null;
    const { input_tokens, output_tokens, cost_usd } = spentSince(
      entry.before,
      usageOf(record),
      own,
    );
    run.input_tokens += input_tokens;
    run.output_tokens += output_tokens;
    const sum = run.cost_usd === null || cost_usd === null ? null : run.cost_usd + cost_usd;
    run.cost_usd = sum === null ? null : Number(sum.toFixed(8));
  }

  #somebodyElse(id: string): void {
    if (this.#run.is_last_round) this.#run.skipped++;
    else this.#run.busy.push(id);
  }

  #atWork(entry: AskedMedia, record: MediaRecord): void {
    this.#run.asked.push(entry);
    this.#working.push(record);
    const { status, lease, updated_at } = record;
    const quietMs = this.#deps.now() - updated_at.toMillis();
    if (status === 'pending' && !lease && quietMs > TASK_MS) this.#stuck.push(record);
  }

  #plan(entry: AskedMedia): void {
    this.#run.asked.push(entry);
    this.#toAsk.push(entry);
  }

  /** Whether something else of the owner is in the queues, or waits for a place there: it comes first. */
  async #hasFreshWork(): Promise<boolean> {
    const own = new Set(this.#run.asked.map(({ media_id }) => media_id));
    const of = (state: QueueState): Query =>
      this.#deps.firestore
        .collection(MEDIA_COLLECTION)
        .where('queue_state', '==', state)
        .where('owner_id', '==', this.#run.owner_id)
        .select()
        .limit(own.size + 1);
    const found = await Promise.all([of('queued').get(), of('waiting').get()]);
    return found.some(({ docs }) => docs.some(({ id }) => !own.has(id)));
  }

  /**
   * Writes down which media are asked about next.
   * @returns false if not all media were read, and none was found yet
   */
  async #chooseNext(): Promise<boolean> {
    const run = this.#run;
    let pages = 0;
    while (run.asked.length < this.#deps.inFlight) {
      if (run.upcoming.length === 0 && run.cursor === 'end') {
        if (run.is_last_round || run.busy.length === 0) return true;
        run.is_last_round = true;
        run.upcoming = run.busy.splice(0);
      }
      if (run.upcoming.length === 0) {
        if (pages++ >= PAGES) return run.asked.length > 0;
        const page = await candidatesFrom(this.#deps.firestore, run, run.cursor);
        const meant = page.records.filter((record) => this.#mayBeAsked(record));
        run.upcoming = meant.map(({ id }) => id);
        run.cursor = page.cursor;
        continue;
      }
      const free = this.#deps.inFlight - run.asked.length;
      const ids = run.upcoming.splice(0, free);
      const records = await this.#read(ids);
      for (const [n, id] of ids.entries()) this.#choose(id, records[n]);
    }
    return true;
  }

  #mayBeAsked(record: MediaRecord): boolean {
    const standing = standingOf(record, this.#run);
    return standing === 'busy' || isMeant(standing, this.#run.filter.only);
  }

  #choose(id: string, record: MediaRecord | undefined): void {
    const run = this.#run;
    if (record && standingOf(record, run) === 'busy') this.#somebodyElse(id);
    else if (!record || !this.#mayBeAsked(record) || this.#cannotBeAsked(record)) run.skipped++;
    else {
      this.#plan({
        ...{ media_id: id, attempt: record.attempts + 1 },
        before: spentOf(usageOf(record)),
      });
    }
  }

  /** The limit on calls of a day holds here too, and that on what one media keeps. */
  #cannotBeAsked(record: MediaRecord): boolean {
    const isLeftAlone = record.object === null || isNewer(record);
    const { analysis, input } = this.#run;
    const hasNoRoom = analysis !== DESCRIBE && isFull(record, analysis, input);
    return isLeftAlone || hasNoRoom || isUsedUp(record, analysis, this.#deps.now());
  }

  #complete(): void {
    const run = this.#run;
    run.state = 'completed';
    run.ended_at = this.#time(0);
    run.expires_at = this.#time(KEEP_MS.ended);
    // Some were deleted, or made up to date otherwise, before they were read.
    run.skipped = Math.max(run.skipped, run.quote.media - run.done - run.failed);
  }

  #waitCode(isWaiting: boolean): Reanalysis['wait_code'] {
    if (isWaiting) return 'fresh_uploads';
    const waiting = this.#working.filter(({ wait_code, queue_state }) => {
      return wait_code !== null || queue_state === 'waiting';
    });
    if (waiting.length < this.#run.asked.length) return null;
    return waiting[0] ? (waiting[0].wait_code ?? 'no_place') : null;
  }

  #nextMs(isRead: boolean): number | undefined {
    if (!isRead) return 0;
    if (this.#run.state !== 'running' && this.#run.asked.length === 0) return undefined;
    const times = this.#working.map(({ retry_at }) => retry_at?.toMillis() ?? 0);
    if (times.length < this.#run.asked.length) return LOOK_MS;
    const restMs = Math.min(...times) - this.#deps.now();
    return times.length > 0 ? Math.min(Math.max(LOOK_MS, restMs), LONG_LOOK_MS) : LOOK_MS;
  }

  /** What is only due later is no news. */
  #isChanged(): boolean {
    const told = (run: ReanalysisRecord) => {
      const { due_at, upcoming, cursor, busy, ...rest } = run;
      return JSON.stringify(rest);
    };
    return told(this.#before) !== told(this.#run);
  }

  async #read(ids: readonly string[]): Promise<(MediaRecord | undefined)[]> {
    if (ids.length === 0) return [];
    const media = this.#deps.firestore.collection(MEDIA_COLLECTION);
    const snapshots = await this.#deps.firestore.getAll(...ids.map((id) => media.doc(id)));
    return snapshots.map((snapshot) => {
      const record = recordOf(snapshot);
      return record?.owner_id === this.#run.owner_id ? record : undefined;
    });
  }

  #time(inMs: number): Timestamp {
    return Timestamp.fromMillis(this.#deps.now() + inMs);
  }
}

function spentOf(usage: MediaRecord['usage']): Spent {
  if (!usage) return { input_tokens: 0, output_tokens: 0, cost_usd: 0 };
  const { input_tokens, output_tokens, cost_usd } = usage;
  return { input_tokens, output_tokens, cost_usd };
}

/**
 * What a question has cost, failed calls included. A media without a receipt has cost nothing.
 * @param own The cost of the answer by itself, for a media whose earlier cost is not known.
 */
function spentSince(before: Spent, usage: MediaRecord['usage'], own: number | null): Spent {
  const after = spentOf(usage);
  return {
    input_tokens: Math.max(0, after.input_tokens - before.input_tokens),
    output_tokens: Math.max(0, after.output_tokens - before.output_tokens),
    cost_usd:
      before.cost_usd === null || after.cost_usd === null
        ? own
        : Math.max(0, after.cost_usd - before.cost_usd),
  };
}

/** @returns false if another step, or the owner, has changed the run since it was read */
async function write(
  ref: DocumentReference,
  { run }: Planned,
  lastUpdateTime: Timestamp | undefined,
  { logger }: ReanalyseDeps,
): Promise<boolean> {
  try {
    await ref.update({ ...run }, lastUpdateTime ? { lastUpdateTime } : {});
    if (run.state === 'completed') {
      const { done, failed, skipped, cost_usd } = run;
      logger.info({ done, failed, skipped, cost_usd }, 'reanalysis completed');
    }
    return true;
  } catch (error) {
    if (hasCode(error, FAILED_PRECONDITION, NOT_FOUND, ABORTED)) return false;
    throw error;
  }
}

/** What fails here is in the record, and the next step does it. */
async function ask(
  ref: DocumentReference,
  { run, toAsk, stuck }: Planned,
  { media, places, logger }: ReanalyseDeps,
): Promise<void> {
  const { owner_id, analysis: name, input, language, model, tier } = run;
  const asked: MediaRecord[] = [];
  for (const { media_id, attempt } of toAsk) {
    const asking = {
      ...{ name, input, language: language ?? undefined, model: model ?? undefined },
      ...{ tier: tier ?? undefined, by: { ref, attempt } },
    };
    try {
      const state = await places.nextState(owner_id);
      asked.push(await media.ask(media_id, owner_id, asking, state));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.info({ media_id, code: error.code }, 'not asked');
    }
  }
  if (asked.length > 0) await places.settle(owner_id, asked);
  if (stuck.length > 0) await places.resume(owner_id, stuck);
}

/**
 * The name of the task has its time, in steps of ten seconds: so the looks of many steps become one.
 * @throws if there is no task for the next step: then this one is delivered again
 */
async function enqueueNext({ run, nextMs }: Planned, { queue, now }: ReanalyseDeps): Promise<void> {
  if (nextMs === undefined) return;
  if (nextMs === 0) {
    await queue.enqueueStep(run.id, `p${run.revision}-${Math.floor(now() / 1_000)}`);
    return;
  }
  const at = Math.ceil((now() + nextMs) / LOOK_MS);
  await queue.enqueueStep(run.id, `t${at}`, { delayMs: Math.max(0, at * LOOK_MS - now()) });
}
