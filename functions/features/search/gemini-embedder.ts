/**
 * Gemini makes the vectors of descriptions and of searches. It knows more words than a table, in a hundred languages. Like a
 * call to a model, each call is first reserved from the day's limit.
 * @see https://ai.google.dev/gemini-api/docs/embeddings
 */
import type { Genkit } from 'genkit';
import { EMBEDDING_MODELS, nameOf } from '../../analysis/catalog/model-name.ts';
import { startGenkit } from '../../analysis/catalog/start-genkit.ts';
import { Breaker } from '../../process/breaker.ts';
import { lazy } from '../../process/lazy.ts';
import type { Logger } from '../../process/log.ts';
import { startTimeLimit, untilAborted } from '../../process/time-limit.ts';
import type { DailySpend } from '../spend/daily-spend.ts';
import type { Embedder } from './embedder.ts';
import { DIMENSIONS } from './meaning.ts';

/** https://ai.google.dev/gemini-api/docs/pricing */
const USD_PER_MILLION = 0.2;

/** The model takes 8,192 tokens of text, and a character is rarely more than two tokens. */
const MAX_CHARACTERS = 4_000;

/** Similar texts are at about 0.2, others from 0.5 on. Not measured with real photos yet: docs/decisions/0038-search.md. */
const GEMINI_MAX_DISTANCE = 0.45;

/** A person waits for a search. Nobody waits for the vector of a media. */
const TIMEOUT_MS = { search: 2_000, media: 20_000 };
const MAX_PAUSE_MS = 120_000;

/** The last searches are remembered, because each page of a search asks again. */
const MAX_REMEMBERED = 500;

export interface GeminiEmbedderOptions {
  apiKey: string;
  /** Another address of the Gemini API, for a proxy or a test. */
  baseUrl?: string | undefined;
  spend: Pick<DailySpend, 'reserve'>;
  logger: Pick<Logger, 'warn'>;
  now: () => number;
}

type Missing = 'away' | 'limit';

export class GeminiEmbedder implements Embedder {
  readonly by: string = EMBEDDING_MODELS[1];
  readonly maxDistance = GEMINI_MAX_DISTANCE;
  readonly #options: GeminiEmbedderOptions;
  readonly #genkit: () => Promise<Genkit>;
  readonly #breaker = new Breaker();
  readonly #remembered = new Map<string, number[]>();

  constructor(options: GeminiEmbedderOptions) {
    this.#options = options;
    const { apiKey, baseUrl } = options;
    // Importing Genkit takes over half a second, so a cold start must not do it.
    this.#genkit = lazy(async () => {
      const { googleAI } = await import('@genkit-ai/googleai');
      return startGenkit({ plugins: [googleAI({ apiKey, ...(baseUrl && { baseUrl }) })] });
    });
  }

  async embedSearch(text: string, ownerId: string): Promise<number[] | undefined> {
    const key = `${ownerId}\n${text}`;
    const known = this.#remembered.get(key);
    if (known) return known;
    const vector = await this.#embed(`task: search result | query: ${text}`, ownerId, 'search');
    if (typeof vector === 'string') return undefined;
    this.#remembered.set(key, vector);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest) this.#remembered.delete(oldest);
    return vector;
  }

  /** @returns the vector, or why there is none: `limit` concerns this owner, `away` everybody */
  embedMedia(text: string, ownerId: string): Promise<number[] | Missing> {
    return this.#embed(`title: none | text: ${text}`, ownerId, 'media');
  }

  async #embed(
    text: string,
    ownerId: string,
    purpose: keyof typeof TIMEOUT_MS,
  ): Promise<number[] | Missing> {
    const { spend, logger, now } = this.#options;
    if (!this.#breaker.allows(now())) return 'away';
    const content = text.slice(0, MAX_CHARACTERS).toWellFormed();
    // The service does not report tokens. A token has at least one byte.
    const usd = (Buffer.byteLength(content) * USD_PER_MILLION) / 1e6;
    const reservation = await spend.reserve(ownerId, usd).catch((error: unknown) => {
      logger.warn({ error }, 'no money reserved for a meaning: searches go on by words');
      return undefined;
    });
    if (!reservation) return 'away';
    if (reservation.kind !== 'reserved') return 'limit';
    const isProbe = this.#breaker.begin(now());
    try {
      const vector = await this.#ask(content, TIMEOUT_MS[purpose]);
      reservation.settle(usd);
      this.#breaker.answered();
      return vector;
    } catch (error) {
      // "If your request fails with a 400 or 500 error, you won't be charged": https://ai.google.dev/gemini-api/docs/billing
      reservation.settle(isTimeout(error) ? usd : 0);
      this.#breaker.failed(isProbe, now(), { maxPauseMs: MAX_PAUSE_MS });
      logger.warn({ model: this.by, error }, 'no meaning for now: searches go on by words');
      return 'away';
    }
  }

  async #ask(content: string, timeoutMs: number): Promise<number[]> {
    // Loading may take long on a busy machine, so it is not part of the service's time.
    const ai = await this.#genkit();
    const limit = startTimeLimit(timeoutMs);
    try {
      const asked = ai.embed({
        embedder: `googleai/${nameOf(this.by)}`,
        content,
        options: { outputDimensionality: DIMENSIONS },
      });
      const [answer] = await untilAborted(asked, limit.signal);
      const vector = answer?.embedding ?? [];
      if (vector.length !== DIMENSIONS || !vector.every(Number.isFinite)) {
        throw new Error(
          `A vector of ${DIMENSIONS} numbers was asked for, and ${vector.length} came.`,
        );
      }
      return vector;
    } finally {
      limit.clear();
    }
  }
}

const isTimeout = (error: unknown) =>
  error instanceof DOMException && error.name === 'TimeoutError';
