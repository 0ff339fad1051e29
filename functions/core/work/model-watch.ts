/**
 * Asks the provider whether the models exist and when they end. Writes this to the log, from which alerts are
 * made, and to `/health`. It only reports: whether a model is asked is decided by the model's own answers.
 */
import type { ModelListener, Stop } from '../../analysis/models.ts';
import { profileOf, providerFor } from '../../analysis/profiles.ts';
import type { Health } from '../../http/router.ts';
import type { Logger } from '../../process/log.ts';

const DAY_MS = 24 * 3_600_000;
/** From this many days before a model's end, the log says so once a day. */
const NOTICE_DAYS = 30;
/** How long to wait for the provider's answer. */
const CHECK_TIMEOUT_MS = 5_000;
/** When to ask again if no answer came. */
const RETRY_MS = 10 * 60_000;

interface WatchDeps {
  models: readonly string[];
  exists: (model: string, signal: AbortSignal) => Promise<boolean | undefined>;
  logger: Logger;
  now: () => number;
}

export class ModelWatch implements ModelListener {
  readonly #deps: WatchDeps;
  readonly #missing = new Set<string>();
  #stopped: Stop | undefined;
  #nextCheck = 0;
  #checking: Promise<void> = Promise.resolve();
  /** The end of each model, as one of its answers said. This is newer than our own records. */
  readonly #ends = new Map<string, string>();
  readonly #noticed = new Map<string, number>();

  constructor(deps: WatchDeps) {
    this.#deps = deps;
  }

  /** Asks the provider once a day. Other calls return at once. Never throws. */
  check(): Promise<void> {
    const now = this.#deps.now();
    if (now >= this.#nextCheck) {
      this.#nextCheck = now + DAY_MS;
      this.#checking = Promise.all(this.#deps.models.map((model) => this.#checkModel(model))).then(
        () => {},
      );
    }
    return this.#checking;
  }

  async health(): Promise<Health> {
    await this.check();
    const stopped = this.#stopped;
    if (stopped) {
      const reason = `${stopped.model} is not asked: ${REASONS[stopped.code] ?? stopped.code}`;
      return { status: 'degraded', reason, retry_at: new Date(stopped.until).toISOString() };
    }
    const [model] = this.#missing;
    if (model === undefined) return { status: 'ok' };
    return { status: 'degraded', reason: `${model}: ${REASONS.analysis_model_missing}` };
  }

  onStop = (stop: Stop): void => {
    if (stop.model === this.#deps.models[0]) this.#stopped = stop;
    const { model, code, until, cause: error, whatToDo } = stop;
    const retry_at = new Date(until).toISOString();
    const what_to_do = whatToDo ?? adviceFor(code, model);
    const fields = { model, code, retry_at, what_to_do, error };
    // A wrong address or certificate does not change by itself.
    if (whatToDo !== undefined) this.#deps.logger.error(fields, 'model away');
    // No errors: a used up quota is normal and comes back, and most outages are over in minutes.
    else if (code === 'analysis_quota') this.#deps.logger.warn(fields, 'quota used up');
    else if (code === 'analysis_unavailable' || code === 'analysis_timeout') {
      this.#deps.logger.warn(fields, 'model away');
    } else this.#deps.logger.error(fields, 'model stopped');
  };

  onResume = (model: string): void => {
    if (model === this.#stopped?.model) this.#stopped = undefined;
    this.#deps.logger.warn({ model }, 'model answers again');
  };

  onAnswer = (model: string, ends: string | undefined): void => {
    this.#missing.delete(model);
    if (ends === undefined || Number.isNaN(Date.parse(ends))) return;
    this.#ends.set(model, ends);
    this.#noticeEnd(model);
  };

  async #checkModel(model: string): Promise<void> {
    const { exists, logger, now } = this.#deps;
    this.#noticeEnd(model);
    try {
      const isThere = await exists(model, AbortSignal.timeout(CHECK_TIMEOUT_MS));
      if (isThere === undefined) return;
      if (isThere) {
        this.#missing.delete(model);
        return;
      }
      this.#missing.add(model);
      const what_to_do = adviceFor('analysis_model_missing', model);
      logger.error({ model, what_to_do }, 'model missing');
    } catch (error) {
      this.#nextCheck = now() + RETRY_MS;
      logger.info({ model, error }, 'model not looked up');
    }
  }

  #noticeEnd(model: string): void {
    const { logger, now } = this.#deps;
    const ends = this.#ends.get(model) ?? profileOf(model).retires;
    if (ends === null) return;
    const days_left = Math.floor((Date.parse(ends) - now()) / DAY_MS);
    if (days_left > NOTICE_DAYS || now() - (this.#noticed.get(model) ?? 0) < DAY_MS) return;
    this.#noticed.set(model, now());
    const what_to_do = adviceFor('analysis_model_missing', model);
    logger.error({ model, ends, days_left, what_to_do }, 'model ends');
  }
}

const REASONS: Partial<Record<Stop['code'], string>> = {
  analysis_model_missing: 'its provider does not have this model here, or not for this key.',
  analysis_unpaid:
    'its provider accepts no more calls: a spend cap, an empty balance, or no billing.',
  analysis_no_access: 'its provider refuses the key, the account or the country.',
  analysis_quota: 'its quota is used up.',
  analysis_unavailable: 'it does not answer.',
  analysis_timeout: 'it does not answer in time.',
};

const GOES_ON = 'What waits goes on by itself.';

function adviceFor(code: Stop['code'], model: string): string {
  const { advice } = providerFor(model);
  if (code === 'analysis_unpaid') return `${advice.unpaid} ${GOES_ON}`;
  if (code === 'analysis_no_access') return `${advice.noAccess} ${GOES_ON}`;
  if (code === 'analysis_unavailable' || code === 'analysis_timeout') {
    return `Wait, or set MODEL_FALLBACK. ${GOES_ON}`;
  }
  if (code === 'analysis_quota') return 'Wait, ask for more quota, or set MODEL_FALLBACK.';
  const { provider, successor } = profileOf(model);
  const name = successor === null ? advice.example : `${provider}/${successor}`;
  return `Set ANALYSIS_MODEL (Terraform: analysis_model) to a model that is there, such as ${name}. ${GOES_ON}`;
}
