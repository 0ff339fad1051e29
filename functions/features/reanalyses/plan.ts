/** Plans a step of a reanalysis. It reads and writes nothing itself: `nextRead` tells the caller what to read next. */
import { Timestamp } from '@google-cloud/firestore';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import { isTerminal } from '@media-analysis/shared/status';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import { isFull } from '../../core/media/capacity.ts';
import { isNewer, type MediaRecord, usageOf } from '../../core/media/record.ts';
import { hasNoCallsLeft } from '../spend/daily-calls.ts';
import type { CandidatePage } from './candidates.ts';
import type { AskedMedia, Cursor, ReanalysisRecord, Spent } from './record.ts';
import { isWanted, standingOf } from './standing.ts';
import { KEEP_MS } from './store.ts';

/** Pages that one step reads at most. Then the next step goes on. */
const PAGES = 10;

/**
 * Time to the next check if no media of the run ends: fresh uploads may be done, a media may be deleted, a task may be lost.
 */
export const LOOK_MS = 10_000;
/** Time to the next check while all media of the run wait for a service or a limit. */
const LONG_LOOK_MS = 10 * 60_000;
/** A media that waits longer for its task may have none: the step that asked may have died. */
const TASK_MS = 10_000;

export interface PlannedStep {
  /** The new state of the run. */
  run: ReanalysisRecord;
  toAsk: AskedMedia[];
  /** Media that were asked about, and whose tasks may be lost. */
  stuck: MediaRecord[];
  /** Time to the next step in milliseconds; undefined if none is needed. */
  nextMs: number | undefined;
}

/** A page of candidates from here on, or these media. */
type Read = { cursor: Cursor } | { ids: string[] };

interface StepLimits {
  /** Number of media that are analysed at a time. */
  inFlight: number;
  nowMs: number;
}

export class ReanalysisPlan {
  readonly #before: ReanalysisRecord;
  readonly #run: ReanalysisRecord;
  readonly #limits: StepLimits;
  readonly #toAsk: AskedMedia[] = [];
  readonly #stuck: MediaRecord[] = [];
  readonly #working: MediaRecord[] = [];
  #pages = 0;
  /** True if this step has read all its pages and found nothing. */
  #isCutShort = false;

  /** @param records One for each entry of `run.asked`; undefined for a media that is gone. */
  constructor(
    run: ReanalysisRecord,
    records: readonly (MediaRecord | undefined)[],
    limits: StepLimits,
  ) {
    this.#before = run;
    this.#run = { ...run, upcoming: [...run.upcoming], busy: [...run.busy], asked: [] };
    this.#limits = limits;
    this.#settleAsked(records);
  }

  /** Media that a worker still has, and media that this step asks about. */
  get askedIds(): string[] {
    return this.#run.asked.map(({ media_id }) => media_id);
  }

  /** @returns the next read; undefined if enough media are chosen, or no more are left */
  nextRead(): Read | undefined {
    const run = this.#run;
    const free = this.#limits.inFlight - run.asked.length;
    if (free <= 0) return undefined;
    if (run.upcoming.length === 0 && run.cursor === 'end') {
      if (run.is_last_round || run.busy.length === 0) return undefined;
      run.is_last_round = true;
      run.upcoming = run.busy.splice(0);
    }
    if (run.upcoming.length > 0) return { ids: run.upcoming.splice(0, free) };
    if (this.#pages++ < PAGES) return { cursor: run.cursor };
    this.#isCutShort = run.asked.length === 0;
    return undefined;
  }

  addPage({ records, cursor }: Pick<CandidatePage, 'records' | 'cursor'>): void {
    const meant = records.filter((record) => this.#mayBeAsked(record));
    this.#run.upcoming = meant.map(({ id }) => id);
    this.#run.cursor = cursor;
  }

  choose(id: string, record: MediaRecord | undefined): void {
    const run = this.#run;
    if (record && standingOf(record, run) === 'busy') this.#postpone(id);
    else if (!record || !this.#mayBeAsked(record) || this.#cannotBeAsked(record)) run.skipped++;
    else {
      const before = spentOf(usageOf(record));
      this.#plan({ media_id: id, attempt: record.attempts + 1, before });
    }
  }

  /** @param isWaiting Fresh uploads of the owner go first, so the step chose no media. */
  finish(isWaiting: boolean): PlannedStep {
    const run = this.#run;
    if (run.state === 'running' && !isWaiting && !this.#isCutShort && run.asked.length === 0) {
      this.#complete();
    }
    run.wait_code = run.state === 'running' ? this.#waitCode(isWaiting) : null;
    const nextMs = this.#nextMs();
    run.due_at = nextMs === undefined ? null : this.#time(nextMs);
    if (this.#isChanged()) {
      run.revision++;
      run.updated_at = this.#time(0);
    }
    return { run, toAsk: this.#toAsk, stuck: this.#stuck, nextMs };
  }

  /** Counts the media whose attempt has ended, and keeps the others in `asked`. */
  #settleAsked(records: readonly (MediaRecord | undefined)[]): void {
    for (const [n, entry] of this.#before.asked.entries()) {
      const record = records[n];
      if (!record) this.#run.skipped++;
      else if (record.attempts < entry.attempt) this.#askAgain(entry, record);
      else if (record.attempts > entry.attempt) this.#countResult(entry, record);
      else if (record.asked_by !== this.#run.id) this.#postpone(entry.media_id);
      else if (isTerminal(record.status)) this.#countResult(entry, record);
      else this.#keepAsked(entry, record);
    }
  }

  /** The step that planned it has died, or somebody else asked at the same moment. */
  #askAgain(entry: AskedMedia, record: MediaRecord): void {
    if (this.#run.state === 'paused') this.#run.upcoming.unshift(entry.media_id);
    if (this.#run.state !== 'running') return;
    if (this.#cannotBeAsked(record)) this.#run.skipped++;
    else this.#plan(entry);
  }

  #countResult(entry: AskedMedia, record: MediaRecord): void {
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

  #postpone(id: string): void {
    if (this.#run.is_last_round) this.#run.skipped++;
    else this.#run.busy.push(id);
  }

  #keepAsked(entry: AskedMedia, record: MediaRecord): void {
    this.#run.asked.push(entry);
    this.#working.push(record);
    const { status, lease, updated_at } = record;
    const quietMs = this.#limits.nowMs - updated_at.toMillis();
    if (status === 'pending' && !lease && quietMs > TASK_MS) this.#stuck.push(record);
  }

  #plan(entry: AskedMedia): void {
    this.#run.asked.push(entry);
    this.#toAsk.push(entry);
  }

  #mayBeAsked(record: MediaRecord): boolean {
    const standing = standingOf(record, this.#run);
    return standing === 'busy' || isWanted(standing, this.#run.filter.only);
  }

  /** The daily limit on calls and the limit on stored answers apply here too. */
  #cannotBeAsked(record: MediaRecord): boolean {
    const isLeftAlone = record.object === null || isNewer(record);
    const { analysis, input } = this.#run;
    const isAtCapacity = analysis !== DESCRIBE && isFull(record, analysis, input);
    return isLeftAlone || isAtCapacity || hasNoCallsLeft(record, analysis, this.#limits.nowMs);
  }

  #complete(): void {
    const run = this.#run;
    run.state = 'completed';
    run.ended_at = this.#time(0);
    run.expires_at = this.#time(KEEP_MS.ended);
    // Some media were deleted, or got a new answer another way, before the run read them.
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

  #nextMs(): number | undefined {
    if (this.#isCutShort) return 0;
    if (this.#run.state !== 'running' && this.#run.asked.length === 0) return undefined;
    const times = this.#working.map(({ retry_at }) => retry_at?.toMillis() ?? 0);
    if (times.length < this.#run.asked.length) return LOOK_MS;
    const restMs = Math.min(...times) - this.#limits.nowMs;
    return times.length > 0 ? Math.min(Math.max(LOOK_MS, restMs), LONG_LOOK_MS) : LOOK_MS;
  }

  /** True if the owner sees a difference. */
  #isChanged(): boolean {
    const told = (run: ReanalysisRecord) => {
      const { due_at, upcoming, cursor, busy, ...rest } = run;
      return JSON.stringify(rest);
    };
    return told(this.#before) !== told(this.#run);
  }

  #time(inMs: number): Timestamp {
    return Timestamp.fromMillis(this.#limits.nowMs + inMs);
  }
}

function spentOf(usage: MediaRecord['usage']): Spent {
  if (!usage) return { input_tokens: 0, output_tokens: 0, cost_usd: 0 };
  const { input_tokens, output_tokens, cost_usd } = usage;
  return { input_tokens, output_tokens, cost_usd };
}

/**
 * The cost of an attempt, failed calls included.
 * @param own The cost of the answer alone: used if the earlier cost of the media is not known.
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
