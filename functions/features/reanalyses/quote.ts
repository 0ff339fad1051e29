/** Estimates the cost of a reanalysis: the number of media times the mean cost on the receipts so far, and times the least and the greatest. */
import type { Firestore, Timestamp } from '@google-cloud/firestore';
import type { Usage } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import type { ReanalysisQuote } from '@media-analysis/shared/reanalyses';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import type { Made, MediaRecord } from '../../core/media/record.ts';
import { type CandidatePage, candidatesFrom, type Scope } from './candidates.ts';
import type { Cursor } from './record.ts';
import { isWanted, kindOf, standingOf, type Target, targetOf } from './standing.ts';

/** A quote can be confirmed for an hour. */
const VALID_MS = 3_600_000;

/** Reading more media than this would take longer than a request may. */
const MAX_READ = 20_000;

/** With fewer receipts among the media of the filter, the quote also uses the owner's other media. */
const ENOUGH_RECEIPTS = 20;

/** Our own share of the time for one media, besides the model's. In milliseconds. */
const STEP_MS = 500;

/** The price of `flex` as a share of the usual price. */
const FLEX_SHARE = 0.5;

export type QuoteRequest = Scope & Target & { tier: 'flex' | null };

type Kind = ReturnType<typeof kindOf>;

/**
 * @param inFlight Number of media that are analysed at a time.
 * @throws {AppError} `invalid_request` if the filter matches more media than one request can read
 */
export async function quoteOf(
  firestore: Firestore,
  request: QuoteRequest,
  inFlight: number,
): Promise<ReanalysisQuote> {
  const counts = { media: 0, up_to_date: 0, not_possible: 0, missing: 0, stale: 0, failed: 0 };
  const wanted = { image: 0, video: 0 };
  const receipts = new Receipts(request);
  for await (const record of pages(firestore, request)) {
    receipts.add(record);
    const standing = standingOf(record, request);
    if (standing === 'impossible') counts.not_possible++;
    else if (standing === 'current') counts.up_to_date++;
    else if (standing === 'busy' || isWanted(standing, request.filter.only)) {
      counts.media++;
      wanted[kindOf(record)]++;
      if (standing !== 'busy') counts[standing]++;
    }
  }
  if (receipts.own < ENOUGH_RECEIPTS) {
    const others = await candidatesFrom(
      firestore,
      { ...request, filter: { only: 'any' } },
      'start',
    );
    for (const record of others.records) receipts.add(record);
  }
  const expires_at = new Date(request.created_at.toMillis() + VALID_MS).toISOString();
  return { ...counts, ...estimate(wanted, receipts, request, inFlight), expires_at };
}

async function* pages(firestore: Firestore, scope: Scope): AsyncGenerator<MediaRecord> {
  let cursor: Cursor = 'start';
  let read = 0;
  do {
    const page: CandidatePage = await candidatesFrom(firestore, scope, cursor);
    yield* page.records;
    read += page.read;
    cursor = page.cursor;
    if (read >= MAX_READ && cursor !== 'end') {
      throw new AppError(
        'invalid_request',
        `filter: means more than ${MAX_READ} media. Name a shorter time by from and to, and ask for the rest afterwards.`,
      );
    }
  } while (cursor !== 'end');
}

/** Receipts of this model. Those of the analysis itself count first; those of its other analyses are a fallback. */
class Receipts {
  readonly #request: QuoteRequest;
  readonly #own: Record<Kind, Usage[]> = { image: [], video: [] };
  readonly #others: Record<Kind, Usage[]> = { image: [], video: [] };
  readonly #seen = new Set<string>();

  constructor(request: QuoteRequest) {
    this.#request = request;
  }

  get own(): number {
    return this.#own.image.length + this.#own.video.length;
  }

  add(record: MediaRecord): void {
    if (this.#seen.has(record.id)) return;
    this.#seen.add(record.id);
    for (const [name, { usage, asked }] of receiptsOf(record)) {
      if (!usage || usage.cached || usage.attempts === 0) continue;
      const { model } = targetOf(record, this.#request);
      if (usage.model !== model && asked !== model) continue;
      const all = name === this.#request.analysis ? this.#own : this.#others;
      all[kindOf(record)].push(usage);
    }
  }

  of(kind: Kind): Usage[] {
    return this.#own[kind].length > 0 ? this.#own[kind] : this.#others[kind];
  }
}

/** Earlier versions kept the receipt of `describe` in `usage`, and those of the other analyses in `analyses`. */
function receiptsOf(record: MediaRecord): [string, Pick<Made, 'usage' | 'asked'>][] {
  const { made = {}, analyses = {}, analytics, usage, attempts } = record;
  const others = Object.keys(analyses).filter((name) => !made[name]);
  const isAlone = attempts === 1 && Object.keys(analyses).length === 0;
  const earlier = others.map((name) => {
    // Usage without an answer is the cost of a failed try: no receipt.
    const { output = null, usage: own = null } = analyses[name] ?? {};
    return [name, output && own] as const;
  });
  const first = isAlone && analytics && !made[DESCRIBE] ? [[DESCRIBE, usage] as const] : [];
  const unwritten = [...first, ...earlier].map(
    ([name, of]): [string, Pick<Made, 'usage' | 'asked'>] => [name, { usage: of, asked: null }],
  );
  return [...Object.entries(made), ...unwritten];
}

type Estimate = Pick<
  ReanalysisQuote,
  'input_tokens' | 'output_tokens' | 'cost_usd' | 'cost_range_usd' | 'minutes' | 'receipts' | 'note'
>;

const UNKNOWN = {
  input_tokens: null,
  output_tokens: null,
  cost_usd: null,
  cost_range_usd: null,
  minutes: null,
  receipts: 0,
};

function estimate(
  wanted: Record<Kind, number>,
  receipts: Receipts,
  { tier, target }: QuoteRequest,
  inFlight: number,
): Estimate {
  const parts: { count: number; usages: Usage[] }[] = [];
  for (const kind of ['image', 'video'] as const) {
    if (wanted[kind] === 0) continue;
    const usages = receipts.of(kind);
    if (usages.length === 0) {
      const [name, { model }] =
        kind === 'video' ? ['video', target.video ?? target] : ['photo', target];
      const note = `You have no receipt of ${model} for a ${name} yet, so what it will take is not known. Ask about one ${name} first, and then for a quote again.`;
      return { ...UNKNOWN, note };
    }
    parts.push({ count: wanted[kind], usages });
  }
  const total = (each: (usages: Usage[]) => number) =>
    parts.reduce((sum, { count, usages }) => sum + count * each(usages), 0);
  const meanOf = (field: 'input_tokens' | 'output_tokens' | 'duration_ms') =>
    total((usages) => mean(usages.map((usage) => usage[field])));
  const cost = (of: (prices: number[]) => number) =>
    Number((total((usages) => of(usages.flatMap(priceOf))) * shareOf(tier)).toFixed(8));
  const isPriced = parts.every(({ usages }) => usages.flatMap(priceOf).length > 0);
  const ms = (meanOf('duration_ms') + total(() => STEP_MS)) / inFlight;
  return {
    input_tokens: Math.round(meanOf('input_tokens')),
    output_tokens: Math.round(meanOf('output_tokens')),
    cost_usd: isPriced ? cost(mean) : null,
    cost_range_usd: isPriced
      ? [cost((prices) => Math.min(...prices)), cost((prices) => Math.max(...prices))]
      : null,
    minutes: Math.round(ms / 6_000) / 10,
    receipts: parts.reduce((sum, { usages }) => sum + usages.length, 0),
    note: isPriced ? null : `The price of ${target.model} is not known.`,
  };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const shareOf = (tier: 'flex' | null | undefined) => (tier === 'flex' ? FLEX_SHARE : 1);

/** The usual one: `usage.tier` is the tier that was charged, and the request may have asked for another. */
const priceOf = ({ cost_usd, tier }: Usage) => (cost_usd === null ? [] : cost_usd / shareOf(tier));

export function isExpired({ expires_at }: ReanalysisQuote, now: Timestamp): boolean {
  return Date.parse(expires_at) <= now.toMillis();
}
