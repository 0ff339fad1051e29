/**
 * Which models there are to ask, and whether each may be asked now. Where all calls would fail alike (no such
 * model, no access to it, nothing left to spend, the day's quota used up) one call finds out for all the others.
 */
import type { ErrorCode } from '@media-analysis/shared/errors';
import { ServiceWaitError } from './errors.ts';

/** What is the same for every file. An outage is not among them: the next call may find it over. */
const STOPPING: ReadonlySet<ErrorCode> = new Set([
  'analysis_model_missing',
  'analysis_unpaid',
  'analysis_no_access',
  'analysis_quota',
]);

const FIRST_PAUSE_MS = 10_000;
/** Somebody has mended it, and waits for the first photo to go on. */
const MAX_PAUSE_MS = 15 * 60_000;
/** How long the others wait for what the one call finds out that was let through after a pause. */
const PROBE_MS = 10_000;

/** Why a model is not asked, and until when (epoch milliseconds). */
export interface Stop {
  model: string;
  code: ErrorCode;
  until: number;
  /** What the service said. */
  cause: unknown;
}

/** Told once when a model stops being asked, once when it answers again, and of each answer. */
export interface ModelListener {
  onStop?: ((stop: Stop) => void) | undefined;
  onResume?: ((model: string) => void) | undefined;
  /** @param ends When its provider will switch the model off, if the answer says so. */
  onAnswer?: ((model: string, ends: string | undefined) => void) | undefined;
}

/** Per process: another one finds out by one call of its own. */
export class Models {
  readonly first: string;
  readonly fallback: string | undefined;
  private readonly listener: ModelListener;
  private readonly stops = new Map<string, Stop & { pauseMs: number; isProbed: boolean }>();
  private readonly answerers = new Map<string, string>();

  constructor(first: string, fallback?: string, listener: ModelListener = {}) {
    this.first = first;
    this.fallback = fallback === first ? undefined : fallback;
    this.listener = listener;
  }

  get all(): string[] {
    return this.fallback === undefined ? [this.first] : [this.first, this.fallback];
  }

  /** Whom an analysis is asked of now; the first one also if none may be. */
  current(now: number): string {
    return this.all.find((model) => this.mayAsk(model, now)) ?? this.first;
  }

  /**
   * As `current`, for somebody who will ask. After a pause it lets one through, and tells the others to wait
   * for what that one finds out.
   * @throws {ServiceWaitError} if there is nobody to ask.
   */
  next(now: number): string {
    const model = this.current(now);
    const stop = this.stops.get(model);
    if (!stop) return model;
    if (now < stop.until) throw this.wait(stop);
    stop.until = now + PROBE_MS;
    stop.isProbed = true;
    return model;
  }

  /** @returns whether `error` of `model` stops it; then `next` tells who can be asked instead. */
  stop(model: string, { code, retryAt, cause }: ServiceWaitError, now: number): boolean {
    if (!STOPPING.has(code)) return false;
    const before = this.stops.get(model);
    // It was asked before the model stopped, side by side with the call that found it out.
    if (before && !before.isProbed) return true;
    const pauseMs = before ? Math.min(2 * before.pauseMs, MAX_PAUSE_MS) : FIRST_PAUSE_MS;
    // A quota says when it is back; of the others nobody knows.
    const until = Math.max(retryAt, now + (code === 'analysis_quota' ? FIRST_PAUSE_MS : pauseMs));
    const stop = { model, code, until, cause, pauseMs, isProbed: false };
    this.stops.set(model, stop);
    if (before?.code !== code) this.listener.onStop?.(stop);
    return true;
  }

  /** What `asked` was asked, and which model answered, which is going to end at `ends` if it said so. */
  answered(asked: string, { model, ends }: { model: string; ends: string | undefined }): void {
    this.answerers.set(asked, model);
    this.listener.onAnswer?.(asked, ends);
    if (this.stops.delete(asked)) this.listener.onResume?.(asked);
  }

  /**
   * Whether `asked` would be answered by the model that once gave an answer as `answerer`. In a process that
   * has had no answer yet it is taken to answer for itself, by whichever version.
   */
  isAnsweredBy(asked: string, answerer: string): boolean {
    const known = this.answerers.get(asked);
    if (known !== undefined) return known === answerer;
    return answerer === asked || answerer.replace(/-\d{3}$/, '') === asked;
  }

  private mayAsk(model: string, now: number): boolean {
    const stop = this.stops.get(model);
    return !stop || now >= stop.until;
  }

  /** What can be waited for is whichever model is back first; the reason is the first one's. */
  private wait({ code, cause }: Stop): ServiceWaitError {
    const until = Math.min(...[...this.stops.values()].map((stop) => stop.until));
    return new ServiceWaitError(code, until, { cause });
  }
}
