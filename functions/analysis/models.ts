/**
 * Knows the configured models, and whether each may be asked now. If all calls would fail for the same reason (the
 * model is missing, refuses access, or its budget or daily quota is used up), one call finds that out for all.
 */
import type { ErrorCode } from '@media-analysis/shared/errors';
import { ServiceWaitError } from './errors.ts';

/** Errors that all files would get. An outage is not one of them, because the next call may succeed. */
const STOPPING: ReadonlySet<ErrorCode> = new Set([
  'analysis_model_missing',
  'analysis_unpaid',
  'analysis_no_access',
  'analysis_quota',
]);

const FIRST_PAUSE_MS = 10_000;
/** Not longer, because an operator who has solved the problem waits for the first photo to go on. */
const MAX_PAUSE_MS = 15 * 60_000;
/** After a pause one call tries the model. The others wait for its result for this long. */
const PROBE_MS = 10_000;

/** Why a model is not asked, and until when. */
export interface Stop {
  model: string;
  code: ErrorCode;
  /** Epoch milliseconds. */
  until: number;
  /** The error of the service. */
  cause: unknown;
}

/** Called once when a model is stopped, once when it answers again, and for each answer. */
export interface ModelListener {
  onStop?: ((stop: Stop) => void) | undefined;
  onResume?: ((model: string) => void) | undefined;
  /** @param ends When the provider will switch the model off, if the answer says so. */
  onAnswer?: ((model: string, ends: string | undefined) => void) | undefined;
}

/** Each process has its own state, and finds out by one call of its own. */
export class Models {
  readonly first: string;
  readonly fallback: string | undefined;
  readonly #listener: ModelListener;
  readonly #stops = new Map<string, Stop & { pauseMs: number; isProbed: boolean }>();
  readonly #answerers = new Map<string, string>();

  constructor(first: string, fallback?: string, listener: ModelListener = {}) {
    this.first = first;
    this.fallback = fallback === first ? undefined : fallback;
    this.#listener = listener;
  }

  get all(): string[] {
    return this.fallback === undefined ? [this.first] : [this.first, this.fallback];
  }

  /** The model to ask now. If none may be asked, the first one. */
  current(now: number): string {
    return this.all.find((model) => this.#mayAsk(model, now)) ?? this.first;
  }

  /**
   * Like `current`, for a caller that will ask the model. After a pause one caller may try; the others wait for its
   * result.
   * @throws {ServiceWaitError} if no model may be asked
   */
  next(now: number): string {
    const model = this.current(now);
    const stop = this.#stops.get(model);
    if (!stop) return model;
    if (now < stop.until) throw this.#wait(stop);
    stop.until = now + PROBE_MS;
    stop.isProbed = true;
    return model;
  }

  /** @returns whether this error of `model` stops it; then `next` returns the model to ask instead */
  stop(model: string, { code, retryAt, cause }: ServiceWaitError, now: number): boolean {
    if (!STOPPING.has(code)) return false;
    const before = this.#stops.get(model);
    // This call started before the model was stopped by another call.
    if (before && !before.isProbed) return true;
    const pauseMs = before ? Math.min(2 * before.pauseMs, MAX_PAUSE_MS) : FIRST_PAUSE_MS;
    // A quota says when it comes back. The other errors do not.
    const until = Math.max(retryAt, now + (code === 'analysis_quota' ? FIRST_PAUSE_MS : pauseMs));
    const stop = { model, code, until, cause, pauseMs, isProbed: false };
    this.#stops.set(model, stop);
    if (before?.code !== code) this.#listener.onStop?.(stop);
    return true;
  }

  /**
   * Records an answer.
   * @param asked The model that was asked.
   * @param answer.model The model that answered.
   * @param answer.ends When that model ends, if the answer says so.
   */
  answered(asked: string, { model, ends }: { model: string; ends: string | undefined }): void {
    this.#answerers.set(asked, model);
    this.#listener.onAnswer?.(asked, ends);
    if (this.#stops.delete(asked)) this.#listener.onResume?.(asked);
  }

  /**
   * Whether a request to `asked` would be answered by the model `answerer`. Before the first answer in this process
   * we assume that each model answers for itself, with any version.
   */
  isAnsweredBy(asked: string, answerer: string): boolean {
    const known = this.#answerers.get(asked);
    if (known !== undefined) return known === answerer;
    return answerer === asked || answerer.replace(/-\d{3}$/, '') === asked;
  }

  #mayAsk(model: string, now: number): boolean {
    const stop = this.#stops.get(model);
    return !stop || now >= stop.until;
  }

  /** The time is when the first of all models comes back; the reason is that of `stop`. */
  #wait({ code, cause }: Stop): ServiceWaitError {
    const until = Math.min(...[...this.#stops.values()].map((stop) => stop.until));
    return new ServiceWaitError(code, until, { cause });
  }
}
