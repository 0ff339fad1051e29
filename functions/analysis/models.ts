/**
 * Knows whether each configured model may be asked now. If all calls would fail for the same reason (the model is missing,
 * refuses access, does not answer, or its budget or quota is used up), a few calls find that out for all.
 */
import type { ErrorCode } from '@media-analysis/shared/errors';
import { Breaker } from '../process/breaker.ts';
import { ServiceWaitError, whatToDoAbout } from './errors.ts';

/** For faults that the operator must correct. Afterwards the first photo goes on within this time. */
const MAX_PAUSE_MS = 15 * 60_000;
/** A quota that comes back later than this is not a quota of a minute: no call is answered until then. */
const MINUTE_MS = 60_000;
/** An outage ends by itself. */
const MAX_OUTAGE_PAUSE_MS = 2 * 60_000;
const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  'analysis_quota',
  'analysis_timeout',
  'analysis_unavailable',
]);

export interface Stop {
  model: string;
  code: ErrorCode;
  /** Epoch milliseconds. */
  until: number;
  /** The error of the service. */
  cause: unknown;
  /** Advice for the operator, if `code` alone does not say it. */
  whatToDo?: string | undefined;
}

/** A model that may be asked. */
export interface Turn {
  model: string;
  /** The model was stopped, and this call finds out for all whether it answers again. */
  isProbe: boolean;
  /** Epoch milliseconds. */
  startedAt: number;
}

export interface ModelListener {
  /** Called once, and again if the reason changes. */
  onStop?: ((stop: Stop) => void) | undefined;
  onResume?: ((model: string) => void) | undefined;
  /** @param ends The day on which the provider will switch the model off, if the answer has it. */
  onAnswer?: ((model: string, ends: string | undefined) => void) | undefined;
}

/** How many outcomes of calls are kept for each model. */
const MAX_OUTCOMES = 200;
/** A healthy service answers at least this many calls for each one that fails. */
const MIN_ANSWERS_PER_FAILURE = 10;

interface State {
  readonly breaker: Breaker;
  readonly outcomes: { at: number; isAnswer: boolean }[];
  stop: Stop | undefined;
  /** Epoch milliseconds of the last answer. */
  answeredAt: number;
  /** The model that gave the last answer. */
  answerer: string | undefined;
}

type Takes = (model: string) => boolean;

/** Each process has its own state, from its own calls. */
export class Models {
  /** In the order in which they are asked, each once. Never empty. */
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

  /** Other models, or another order. Both objects share the state of each model. */
  inOrder(all: readonly string[]): Models {
    const models = new Models(all, { ...this.#listener, callTimeoutMs: this.#maxProbeMs / 1.5 });
    models.#states = this.#states;
    return models;
  }

  /**
   * The model to ask now. If none may be asked, the first one.
   * @param takes Tells whether a model takes this kind of media.
   */
  current(now: number, takes: Takes = () => true): string {
    return this.#askable(now, takes) ?? this.#first(takes);
  }

  hasOther(model: string, now: number, takes: Takes): boolean {
    return this.#askable(now, (each) => each !== model && takes(each)) !== undefined;
  }

  /** True also during a probe. */
  isStopped(model: string): boolean {
    return this.#state(model).breaker.isOpen;
  }

  /**
   * Like `current`, for a caller that will ask the model. After a pause one caller may try, and the others wait for its result.
   * @param takes Tells whether a model takes this kind of media. At least one must.
   * @throws {ServiceWaitError} if no model may be asked
   */
  next(now: number, takes: Takes = () => true): Turn {
    const model = this.#askable(now, takes);
    if (model === undefined) throw this.#wait(now, takes);
    return { model, isProbe: this.#state(model).breaker.begin(now), startedAt: now };
  }

  /**
   * No answer came, or one that all files would get. Stops the model, unless it has answered another call since this turn
   * began.
   * @returns true if the model is stopped: then `next` returns the model to ask instead
   */
  recordFailure(turn: Turn, { code, retryAt, cause }: ServiceWaitError, now: number): boolean {
    const { model, isProbe, startedAt } = turn;
    const state = this.#state(model);
    const isOutage = OUTAGES.has(code);
    if (isOutage) addOutcome(state, { at: now, isAnswer: false });
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
   * A model was well after `time` (epoch milliseconds) if it answered in this process and hardly ever failed. A service that
   * fails half of all calls answers too, but then no file is at fault.
   */
  wasWellSince(model: string, time: number): boolean {
    const since = this.#state(model).outcomes.filter(({ at }) => at > time);
    const answers = since.filter(({ isAnswer }) => isAnswer).length;
    return answers > 0 && answers >= MIN_ANSWERS_PER_FAILURE * (since.length - answers);
  }

  /** @param time Epoch milliseconds. */
  hasAnsweredSince(model: string, time: number): boolean {
    return this.#state(model).answeredAt > time;
  }

  /**
   * @param asked The model that was asked.
   * @param answer.model The model that answered.
   * @param answer.ends The end of that model, if the answer has it.
   */
  recordAnswer(
    asked: string,
    { model, ends }: { model: string; ends: string | undefined },
    now: number,
  ): void {
    this.#state(asked).answerer = model;
    this.#listener.onAnswer?.(asked, ends);
    this.recordReached(asked, now);
  }

  /** For a model that was reached, although its answer is useless. */
  recordReached(model: string, now: number): void {
    const state = this.#state(model);
    state.answeredAt = now;
    addOutcome(state, { at: now, isAnswer: true });
    state.stop = undefined;
    if (state.breaker.answered()) this.#listener.onResume?.(model);
  }

  /** Call this after each turn. After a probe without a result another one may follow. */
  endTurn({ model, isProbe }: Turn, now: number): void {
    if (isProbe) this.#state(model).breaker.probeEnded(now);
  }

  /**
   * Tells whether `answerer` would answer a request to `asked`. Before the first answer in this process we assume that each
   * model answers for itself, with any version.
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

  /** Until the first of all models comes back, with the reason of the first model. */
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
        outcomes: [],
        stop: undefined,
        answeredAt: 0,
        answerer: undefined,
      };
      this.#states.set(model, state);
    }
    return state;
  }
}

function addOutcome({ outcomes }: State, outcome: State['outcomes'][number]): void {
  outcomes.push(outcome);
  if (outcomes.length > MAX_OUTCOMES) outcomes.shift();
}
