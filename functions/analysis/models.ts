/**
 * Knows the configured models, and whether each may be asked now. If all calls would fail for the same reason (the
 * model is missing, refuses access, does not answer, or its budget or quota is used up), a few calls find that out for
 * all.
 */
import type { ErrorCode } from '@media-analysis/shared/errors';
import { Breaker } from '../process/breaker.ts';
import { ServiceWaitError, whatToDoAbout } from './errors.ts';

/** An operator has to act. An operator who has done so waits for the first photo to go on. */
const MAX_PAUSE_MS = 15 * 60_000;
/** A quota that is back later than this is not one of a minute: no call will be answered until then. */
const MINUTE_MS = 60_000;
/** An outage ends by itself. */
const MAX_OUTAGE_PAUSE_MS = 2 * 60_000;
const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  'analysis_quota',
  'analysis_timeout',
  'analysis_unavailable',
]);

/** Why a model is not asked, and until when. */
export interface Stop {
  model: string;
  code: ErrorCode;
  /** Epoch milliseconds. */
  until: number;
  /** The error of the service. */
  cause: unknown;
  /** For the operator; undefined: nothing but what `code` asks for. */
  whatToDo?: string | undefined;
}

/** A model that may be asked. */
export interface Turn {
  model: string;
  /** Whether the model was stopped, and this call finds out for all whether it answers again. */
  isProbe: boolean;
  /** Epoch milliseconds. */
  startedAt: number;
}

/** Called once when a model is stopped, or stopped for another reason, once when it answers again, and for each answer. */
export interface ModelListener {
  onStop?: ((stop: Stop) => void) | undefined;
  onResume?: ((model: string) => void) | undefined;
  /** @param ends When the provider will switch the model off, if the answer says so. */
  onAnswer?: ((model: string, ends: string | undefined) => void) | undefined;
}

/** How many ends of calls are kept of a model. */
const KEPT_ENDS = 200;
/** A service that is well answers so many calls for each one that fails, or more. */
const ANSWERS_FOR_ONE_FAILURE = 10;

interface State {
  readonly breaker: Breaker;
  /** How the last turns ended, and when. */
  readonly ends: { at: number; isAnswer: boolean }[];
  stop: Stop | undefined;
  /** When the model last answered, in epoch milliseconds. */
  answeredAt: number;
  /** The model that gave the last answer. */
  answerer: string | undefined;
}

type Takes = (model: string) => boolean;

/** Each process has its own state, and finds out by calls of its own. */
export class Models {
  /** In the order in which they are asked, each once. Not empty. */
  readonly all: readonly string[];
  readonly #listener: ModelListener;
  readonly #maxProbeMs: number;
  #states = new Map<string, State>();

  constructor(
    all: readonly string[],
    { callTimeoutMs = 60_000, ...listener }: ModelListener & { callTimeoutMs?: number } = {},
  ) {
    this.all = [...new Set(all)];
    this.#listener = listener;
    this.#maxProbeMs = 1.5 * callTimeoutMs;
  }

  /** Others of the models, or in another order. What is known of each model is known to both. */
  inOrder(all: readonly string[]): Models {
    const models = new Models(all, { ...this.#listener, callTimeoutMs: this.#maxProbeMs / 1.5 });
    models.#states = this.#states;
    return models;
  }

  /**
   * The model to ask now. If none may be asked, the first one.
   * @param takes Whether a model takes this kind of media.
   */
  current(now: number, takes: Takes = () => true): string {
    return this.#askable(now, takes) ?? this.#first(takes);
  }

  /** Whether another model may be asked instead of this one. */
  hasOther(model: string, now: number, takes: Takes): boolean {
    return this.#askable(now, (each) => each !== model && takes(each)) !== undefined;
  }

  /** Whether the calls of a model are stopped. True for a probe too. */
  isStopped(model: string): boolean {
    return this.#state(model).breaker.isOpen;
  }

  /**
   * Like `current`, for a caller that will ask the model. After a pause one caller may try; the others wait for its
   * result.
   * @param takes Whether a model takes this kind of media. At least one must.
   * @throws {ServiceWaitError} if no model may be asked
   */
  next(now: number, takes: Takes = () => true): Turn {
    const model = this.#askable(now, takes);
    if (model === undefined) throw this.#wait(now, takes);
    return { model, isProbe: this.#state(model).breaker.begin(now), startedAt: now };
  }

  /**
   * No answer came, or one that all files would get. Stops the model, unless it answered another call since this turn
   * began: then the service is there.
   * @returns whether the model is stopped; then `next` returns the model to ask instead
   */
  failed(turn: Turn, { code, retryAt, cause }: ServiceWaitError, now: number): boolean {
    const { model, isProbe, startedAt } = turn;
    const state = this.#state(model);
    const isOutage = OUTAGES.has(code);
    if (isOutage) note(state, { at: now, isAnswer: false });
    const isOfAll = !isOutage || isProbe || retryAt - now > MINUTE_MS;
    if (!isOfAll && this.hasAnsweredSince(model, startedAt)) return state.breaker.isOpen;
    const maxPauseMs = isOutage ? MAX_OUTAGE_PAUSE_MS : MAX_PAUSE_MS;
    if (state.breaker.failed(isProbe, now, { maxPauseMs, notBefore: retryAt })) {
      const whatToDo = whatToDoAbout(cause);
      const stop = { model, code, until: state.breaker.retryAt(now), cause, whatToDo };
      if (state.stop?.code !== code || state.stop.whatToDo !== whatToDo) {
        this.#listener.onStop?.(stop);
      }
      state.stop = stop;
    }
    return true;
  }

  /**
   * Whether a model was well after `time` (epoch milliseconds), as far as this process knows: it answered, and hardly
   * ever failed. A service that fails half of all calls answers too, but no file is to blame for that.
   */
  wasWellSince(model: string, time: number): boolean {
    const since = this.#state(model).ends.filter(({ at }) => at > time);
    const answers = since.filter(({ isAnswer }) => isAnswer).length;
    return answers > 0 && answers >= ANSWERS_FOR_ONE_FAILURE * (since.length - answers);
  }

  /** Whether a model answered any call of this process after `time` (epoch milliseconds). */
  hasAnsweredSince(model: string, time: number): boolean {
    return this.#state(model).answeredAt > time;
  }

  /**
   * Records an answer.
   * @param asked The model that was asked.
   * @param answer.model The model that answered.
   * @param answer.ends When that model ends, if the answer says so.
   */
  answered(
    asked: string,
    { model, ends }: { model: string; ends: string | undefined },
    now: number,
  ): void {
    this.#state(asked).answerer = model;
    this.#listener.onAnswer?.(asked, ends);
    this.isThere(asked, now);
  }

  /** Records that a model was reached, although its answer is of no use. */
  isThere(model: string, now: number): void {
    const state = this.#state(model);
    state.answeredAt = now;
    note(state, { at: now, isAnswer: true });
    state.stop = undefined;
    if (state.breaker.answered()) this.#listener.onResume?.(model);
  }

  /** Call this after each turn. If the turn was a probe that said nothing about the model, another one may follow. */
  ended({ model, isProbe }: Turn, now: number): void {
    if (isProbe) this.#state(model).breaker.probeEnded(now);
  }

  /**
   * Whether a request to `asked` would be answered by the model `answerer`. Before the first answer in this process
   * we assume that each model answers for itself, with any version.
   */
  isAnsweredBy(asked: string, answerer: string): boolean {
    const known = this.#state(asked).answerer;
    if (known !== undefined) return known === answerer;
    return answerer === asked || answerer.replace(/-\d{3}$/, '') === asked;
  }

  #first(takes: Takes): string {
    return this.all.find(takes) ?? this.all[0] ?? '';
  }

  #askable(now: number, takes: Takes): string | undefined {
    return this.all.find((model) => takes(model) && this.#state(model).breaker.allows(now));
  }

  /** The time is when the first of all models comes back; the reason is that of the first model. */
  #wait(now: number, takes: Takes): ServiceWaitError {
    const times = this.all.filter(takes).map((model) => this.#state(model).breaker.retryAt(now));
    const { code = 'analysis_unavailable', cause } = this.#state(this.#first(takes)).stop ?? {};
    return new ServiceWaitError(code, Math.min(...times), { cause });
  }

  #state(model: string): State {
    let state = this.#states.get(model);
    if (!state) {
      state = {
        breaker: new Breaker({ maxProbeMs: this.#maxProbeMs }),
        ends: [],
        stop: undefined,
        answeredAt: 0,
        answerer: undefined,
      };
      this.#states.set(model, state);
    }
    return state;
  }
}

function note({ ends }: State, end: State['ends'][number]): void {
  ends.push(end);
  if (ends.length > KEPT_ENDS) ends.shift();
}
