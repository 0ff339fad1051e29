/** Estimates the cost of a reanalysis: the number of media times the mean cost on the receipts so far. */
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

/** With fewer receipts than this, one unusual photo changes the estimate much. */
const FEW = 5;

/** The price of `flex` as a share of the usual price. */
const FLEX_SHARE = 0.5;

export type QuoteRequest = Scope & Target & { tier: 'flex' | null };

/**
 * @param inFlight Number of media that are analysed at a time.
 * @throws {AppError} `invalid_request` if the filter matches more media than one request can read
 */
export async function quoteOf(
  firestore: Firestore,
  request: QuoteRequest,
  inFlight: number,
): Promise<ReanalysisQuote> {
  const counts = { media: 0, up_to_date: 0, not_possible: 0 };
  const receipts = new Receipts(request);
  const contents = new Contents(request);
  for await (const record of pages(firestore, request)) {
    receipts.add(record);
    const standing = standingOf(record, request);
    if (standing === 'impossible') counts.not_possible++;
    if (standing === 'current') counts.up_to_date++;
    if (standing === 'current') contents.known(record);
    if (!isWanted(standing, request.filter.only) && standing !== 'busy') continue;
    counts.media++;
    contents.wanted(record);
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
  return { ...counts, ...estimate(contents, receipts, request, inFlight), expires_at };
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

type Kind = ReturnType<typeof kindOf>;

/** Counts each content once: copies of the same content take its answer, and cost nothing. */
class Contents {
  readonly #request: QuoteRequest;
  readonly #known = new Set<string>();
  readonly #wanted = new Map<string, Kind>();
  /** Media whose last try gave no answer. */
  readonly #failed: (Failed & { key: string })[] = [];

  constructor(request: QuoteRequest) {
    this.#request = request;
  }

  known(record: MediaRecord): void {
    this.#known.add(this.#keyOf(record));
  }

  wanted(record: MediaRecord): void {
    const key = this.#keyOf(record);
    const kind = kindOf(record);
    const usage = failedUsageOf(record, this.#request);
    // If it fails again, its copies have no answer to take. The model is asked about each of them.
    if (usage) this.#failed.push({ key, kind, usage });
    else this.#wanted.set(key, kind);
  }

  /** Without the contents whose last try failed. */
  count(): Record<Kind, number> {
    const counts = { image: 0, video: 0 };
    for (const [key, kind] of this.#wanted) if (!this.#known.has(key)) counts[kind]++;
    return counts;
  }

  get failed(): Failed[] {
    return this.#failed.filter(({ key }) => !this.#known.has(key));
  }

  /** Copies have the same bytes (`same-content.ts`). */
  #keyOf({ id, sha256, language }: MediaRecord): string {
    return sha256 ? `${sha256} ${this.#request.language ?? language}` : id;
  }
}

interface Failed {
  kind: Kind;
  /** Usage of the last try. */
  usage: Usage;
}

/** @returns the usage of the last try with this model, if it gave no answer */
function failedUsageOf(record: MediaRecord, request: QuoteRequest): Usage | undefined {
  const { made, unanswered } = record;
  const last = unanswered?.[request.analysis];
  if (!last || last.attempt <= (made?.[request.analysis]?.attempt ?? 0)) return undefined;
  const { model } = targetOf(record, request);
  return last.asked === model || last.usage.model === model ? last.usage : undefined;
}

interface Sum {
  receipts: number;
  input_tokens: number;
  output_tokens: number;
  /** Only of the `priced` receipts. */
  cost_usd: number;
  priced: number;
  duration_ms: number;
}

/** Receipts of this model. Those of the analysis itself count first; those of its other analyses are a fallback. */
class Receipts {
  readonly #request: QuoteRequest;
  readonly #own = new Map<Kind, Sum>();
  readonly #others = new Map<Kind, Sum>();
  readonly #seen = new Set<string>();

  constructor(request: QuoteRequest) {
    this.#request = request;
  }

  get own(): number {
    return [...this.#own.values()].reduce((sum, { receipts }) => sum + receipts, 0);
  }

  add(record: MediaRecord): void {
    if (this.#seen.has(record.id)) return;
    this.#seen.add(record.id);
    for (const [name, { usage, asked }] of receiptsOf(record)) {
      if (!usage || usage.cached || usage.attempts === 0) continue;
      const { model } = targetOf(record, this.#request);
      if (usage.model !== model && asked !== model) continue;
      const sums = name === this.#request.analysis ? this.#own : this.#others;
      addTo(sums, kindOf(record), usage);
    }
  }

  bestFor(kind: Kind): { sum: Sum | undefined; isOwn: boolean } {
    const own = this.#own.get(kind);
    return own ? { sum: own, isOwn: true } : { sum: this.#others.get(kind), isOwn: false };
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

const NOTHING: Sum = {
  receipts: 0,
  input_tokens: 0,
  output_tokens: 0,
  cost_usd: 0,
  priced: 0,
  duration_ms: 0,
};

/** Sums are kept at the usual price. */
function addTo(sums: Map<Kind, Sum>, kind: Kind, usage: Usage): void {
  const sum = sums.get(kind) ?? { ...NOTHING };
  sum.receipts++;
  sum.input_tokens += usage.input_tokens;
  sum.output_tokens += usage.output_tokens;
  sum.duration_ms += usage.duration_ms;
  if (usage.cost_usd !== null) {
    // `usage.tier` is the tier that was charged. The request may have asked for another.
    sum.cost_usd += usage.cost_usd / shareOf(usage.tier);
    sum.priced++;
  }
  sums.set(kind, sum);
}

const shareOf = (tier: 'flex' | null | undefined) => (tier === 'flex' ? FLEX_SHARE : 1);

/** Estimate for one media, at the usual price. */
type Expected = Pick<Usage, 'input_tokens' | 'output_tokens' | 'cost_usd' | 'duration_ms'>;

function meanOf({ receipts, priced, ...sum }: Sum): Expected {
  return {
    input_tokens: sum.input_tokens / receipts,
    output_tokens: sum.output_tokens / receipts,
    cost_usd: priced > 0 ? sum.cost_usd / priced : null,
    duration_ms: sum.duration_ms / receipts,
  };
}

/** The next try may fail again or succeed. The quote takes what costs more. */
function expectedOf({ usage }: Failed, sum: Sum | undefined): Expected {
  const { cost_usd, tier } = usage;
  const again = { ...usage, cost_usd: cost_usd === null ? null : cost_usd / shareOf(tier) };
  const mean = sum && meanOf(sum);
  return mean && (mean.cost_usd ?? 0) > (again.cost_usd ?? 0) ? mean : again;
}

type Estimate = Pick<
  ReanalysisQuote,
  'input_tokens' | 'output_tokens' | 'cost_usd' | 'minutes' | 'receipts' | 'note'
>;

function estimate(
  contents: Contents,
  receipts: Receipts,
  { tier, target }: QuoteRequest,
  inFlight: number,
): Estimate {
  const counts = contents.count();
  const parts = (['image', 'video'] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => ({ kind, count: counts[kind], ...receipts.bestFor(kind) }));
  const missing = parts.find(({ sum }) => !sum);
  if (missing) {
    return missing.kind === 'video'
      ? unknownEstimate('video', (target.video ?? target).model)
      : unknownEstimate('photo', target.model);
  }
  const failed = contents.failed;
  const expected = [
    ...parts.flatMap(({ count, sum }) => (sum ? { count, each: meanOf(sum) } : [])),
    ...failed.map((each) => ({
      count: 1,
      each: expectedOf(each, receipts.bestFor(each.kind).sum),
    })),
  ];
  const total = (value: (each: Expected) => number) =>
    expected.reduce((all, { count, each }) => all + count * value(each), 0);
  const isPriced = expected.every(({ each }) => each.cost_usd !== null);
  const cost = total(({ cost_usd }) => cost_usd ?? 0) * shareOf(tier);
  const ms = total(({ duration_ms }) => duration_ms + STEP_MS) / inFlight;
  const learnt = parts.reduce((all, { sum }) => all + (sum?.receipts ?? 0), failed.length);
  return {
    input_tokens: Math.round(total(({ input_tokens }) => input_tokens)),
    output_tokens: Math.round(total(({ output_tokens }) => output_tokens)),
    cost_usd: isPriced ? Number(cost.toFixed(8)) : null,
    minutes: Math.round(ms / 6_000) / 10,
    receipts: learnt,
    note: noteOf({
      learnt,
      isOwn: parts.every(({ isOwn }) => isOwn),
      isPriced,
      model: target.model,
    }),
  };
}

function unknownEstimate(kind: 'photo' | 'video', model: string): Estimate {
  return {
    input_tokens: null,
    output_tokens: null,
    cost_usd: null,
    minutes: null,
    receipts: 0,
    note: `You have no receipt of ${model} for a ${kind} yet, so what it will take is not known. Ask about one ${kind} first, and then for a quote again.`,
  };
}

function noteOf({
  learnt,
  isOwn,
  isPriced,
  model,
}: {
  learnt: number;
  isOwn: boolean;
  isPriced: boolean;
  model: string;
}): string | null {
  const notes = [
    isPriced ? [] : [`The price of ${model} is not known.`],
    isOwn ? [] : [`Estimated from other analyses by ${model}, which may take more or less.`],
    learnt > 0 && learnt < FEW
      ? [
          `Estimated from only ${learnt === 1 ? 'one answer' : `${learnt} answers`}, so it may be far off.`,
        ]
      : [],
  ].flat();
  return notes.length === 0 ? null : notes.join(' ');
}

export function isExpired({ expires_at }: ReanalysisQuote, now: Timestamp): boolean {
  return Date.parse(expires_at) <= now.toMillis();
}
