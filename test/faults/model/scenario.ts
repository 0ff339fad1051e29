/** One run: many pictures, and a model that fails in every way it can, now and then or for good. */
import { createHash } from 'node:crypto';
import type { ErrorCode } from '@media-analysis/shared/errors';
import type { Media } from '@media-analysis/shared/media';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import { createRandom, type Random } from '../../../local-cloud/faults/random.ts';
import { type Reply, replies, startGemini } from '../../support/gemini-server.ts';
import { client, type Stack, startStack } from '../../support/stack.ts';
import { makePicture } from '../user.ts';

export interface ModelScenario {
  items: number;
  seed: number;
  /** Share of calls that meet a fault which another call gets over. */
  rate: number;
  /** Share of items that the model refuses for good. */
  refused: number;
  /** Whether some calls get no answer at all; each takes a minute of one of the five workers. */
  hang: boolean;
  onProgress?: (line: string) => void;
}

export interface ModelReport {
  /** What must not be, one line each. */
  violations: string[];
  counts: Record<string, number>;
  /** Calls for each item that was not refused. */
  callsPerItem: number;
}

const BATCH = 50;

/** Faults of a moment, each as often as it says. */
const TRANSIENT = {
  quotaPerMinute: [6, () => replies.quotaPerMinute('1s')],
  retryAfter: [3, () => replies.retryAfter(1)],
  internal: [4, replies.internal],
  badGateway: [4, replies.badGateway],
  unavailable: [6, replies.unavailable],
  deadlineExceeded: [4, replies.deadlineExceeded],
  reset: [4, replies.reset],
  cut: [3, replies.cut],
  brokenBody: [2, replies.brokenBody],
  truncatedJson: [3, replies.truncatedJson],
  cutOff: [3, replies.cutOff],
  recited: [2, () => replies.brokenOff('RECITATION')],
  noCandidates: [3, replies.noCandidates],
  emptyText: [3, replies.emptyText],
  wrongSchema: [3, replies.wrongSchema],
  html: [2, replies.html],
  hang: [1, replies.hang],
} as const satisfies Record<string, readonly [number, () => Reply]>;
type Transient = keyof typeof TRANSIENT;

/** An answer that cannot be used is asked for once more, but not if a call before it may have been paid for. */
const NOT_ANY_MORE = {
  brokenBody: 0,
  truncatedJson: 0,
  cutOff: 0,
  recited: 0,
  noCandidates: 0,
  emptyText: 0,
  wrongSchema: 0,
} as const;
const PAID: ReadonlySet<string> = new Set([...Object.keys(NOT_ANY_MORE), 'reset', 'cut', 'hang']);

const PERMANENT: readonly [ErrorCode, () => Reply][] = [
  ['analysis_blocked', replies.blockedPrompt],
  ['analysis_blocked', replies.blockedAnswer],
  ['analysis_blocked', () => replies.brokenOff('IMAGE_SAFETY')],
  ['analysis_language', () => replies.brokenOff('LANGUAGE')],
  ['unsupported_media_type', replies.unsupportedKind],
  ['analysis_rejected', replies.invalidArgument],
  ['analysis_rejected', replies.notFound],
];

export async function runModelScenario(options: ModelScenario): Promise<ModelReport> {
  const { items, seed, onProgress = () => undefined } = options;
  const started = performance.now();
  const model = new FaultyModel(options);
  const gemini = await startGemini({ respond: ({ body }) => model.answer(pictureIn(body)) });
  const stack = await startStack({
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
    },
  });
  try {
    const media: Media[] = [];
    for (let first = 0; first < items; first += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, items - first) }, (_, n) => first + n);
      const files = await Promise.all(numbers.map(async (n) => (await makePicture(seed, n)).file));
      media.push(...(await analyse(stack, files)));
      onProgress(`${media.length} of ${items} are over`);
    }
    const previews = await Promise.all(media.map(({ id }) => readPreview(stack, id)));
    const report = model.judge(
      media.map((each, n) => ({ media: each, preview: previews[n] ?? '' })),
    );
    report.counts.seconds = Math.round((performance.now() - started) / 1_000);
    return report;
  } finally {
    await stack.close();
    await gemini.close();
  }
}

async function analyse(stack: Stack, files: File[]): Promise<Media[]> {
  const user = client(stack);
  const { media_ids } = await user.analyze(files);
  return (await user.results(media_ids)) as Media[];
}

/** @returns base64, as the model was sent it. */
async function readPreview(stack: Stack, id: string): Promise<string> {
  const response = await client(stack).call(`/api/media/${id}/preview`);
  const bytes = await (await fetch(response.headers.get('location') ?? '')).arrayBuffer();
  return Buffer.from(bytes).toString('base64');
}

interface Sent {
  contents: { parts: { inlineData?: { data: string } }[] }[];
}

const pictureIn = ({ contents }: Sent) => contents[0]?.parts[0]?.inlineData?.data ?? '';

/** Decides by the picture and by how often it was asked for it: the order of calls does not matter. */
class FaultyModel {
  readonly #options: ModelScenario;
  readonly #calls = new Map<string, number>();
  readonly #faults: Partial<Record<Transient, number>> = {};
  /** Pictures with a call that may have been paid for. */
  readonly #paid = new Set<string>();

  constructor(options: ModelScenario) {
    this.#options = options;
  }

  answer(picture: string): Reply {
    const call = (this.#calls.get(picture) ?? 0) + 1;
    this.#calls.set(picture, call);
    const refusal = this.#refusalOf(picture);
    if (refusal) return refusal[1]();
    const random = this.#random(picture, `call ${call}`);
    if (random.next() >= this.#options.rate) return replies.good();
    const weights = Object.entries(TRANSIENT).map(([name, [weight]]) => [name, weight]);
    const all: Record<Transient, number> = Object.fromEntries(weights);
    const kind = random.weighted({
      ...all,
      ...(!this.#options.hang && { hang: 0 }),
      ...(this.#paid.has(picture) && NOT_ANY_MORE),
    });
    if (PAID.has(kind)) this.#paid.add(picture);
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
    return TRANSIENT[kind][1]();
  }

  judge(items: { media: Media; preview: string }[]): ModelReport {
    const violations: string[] = [];
    const recoverable = items.filter(({ preview }) => !this.#refusalOf(preview));
    for (const { media, preview } of items) {
      const { id, status, error_code } = media;
      const calls = this.#calls.get(preview) ?? 0;
      const [code] = this.#refusalOf(preview) ?? [];
      const end = code ? `failed ${code}` : 'completed null';
      if (`${status} ${error_code}` !== end) violations.push(`${id}: ${status} ${error_code}`);
      if (code && calls !== 1) violations.push(`${id}: ${calls} calls for ${code}`);
    }
    const total = recoverable.reduce(
      (sum, { preview }) => sum + (this.#calls.get(preview) ?? 0),
      0,
    );
    const faults = Object.values(this.#faults).reduce((sum, n) => sum + n, 0);
    if (total !== recoverable.length + faults) {
      violations.push(`${total} calls for ${recoverable.length} items and ${faults} faults`);
    }
    const completed = items.filter(({ media }) => media.status === 'completed').length;
    const counts = {
      items: items.length,
      'refused for good': items.length - recoverable.length,
      completed,
      'calls for the others': total,
      ...Object.fromEntries(Object.entries(this.#faults).map(([name, n]) => [`fault ${name}`, n])),
    };
    return { violations, counts, callsPerItem: total / Math.max(1, recoverable.length) };
  }

  #refusalOf(picture: string) {
    const random = this.#random(picture, 'refused');
    return random.next() < this.#options.refused ? random.pick(PERMANENT) : undefined;
  }

  #random(picture: string, what: string): Random {
    const name = createHash('sha256').update(picture).digest('hex');
    return createRandom(this.#options.seed, `${name} ${what}`);
  }
}
