/**
 * The model fails now and then: how many of a thousand items still complete, and how many calls each
 * takes.
 */
import { createRandom } from '../../local-cloud/faults/random.ts';
import { type Reply, replies } from '../../test/support/gemini-server.ts';
import { client } from '../../test/support/stack.ts';
import { type Claim, row } from '../lib/claim.ts';
import { MODEL, pictures, type SlowStack, startSlowStack } from '../lib/slow-stack.ts';

const FAULT_RATE = 0.15;
/** Faults that are over when the model is asked again. */
const FAULTS: readonly (() => Reply)[] = [
  replies.unavailable,
  replies.internal,
  replies.badGateway,
  replies.deadlineExceeded,
  replies.emptyText,
  replies.truncatedJson,
  replies.reset,
  () => replies.retryAfter(1),
];
const FILES_A_REQUEST = 100;

export const claim: Claim = {
  name: 'analysis-success',
  title: 'Success at 15 % transient faults',
  whole: true,
  reasons: {
    success:
      'a quarter of these faults are answers that are paid for and of no use. After two of them a photo fails, so that it costs no more: 0.14 % of the photos.',
  },
  async run({ quick, repeats, artefact, say }) {
    const items = quick ? 40 : 1_000;
    const ours: { success: number; calls: number }[] = [];
    const without: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const model = new FlakyModel(repeat + 1);
      const slow = await startSlowStack({ artefact, respond: () => model.respond() });
      try {
        model.rate = FAULT_RATE;
        model.calls = 0;
        const completed = await analyzeAll(slow, items);
        ours.push({ success: (completed / items) * 100, calls: model.calls / items });
        without.push(((await askOnce(slow, items)) / items) * 100);
        say(
          `${completed} of ${items} with ${ours.at(-1)?.calls} calls/item; once: ${without.at(-1)} %`,
        );
      } finally {
        await slow.close();
      }
    }
    return {
      setup: `${items} photos through the whole product; 503, 500, 502, 504, 429, broken or empty answers, resets`,
      rows: [
        row({
          what: 'success',
          unit: '%',
          ours: ours.map(({ success }) => success),
          baselines: [{ name: 'no retry', values: without }],
          limit: { name: 'all', value: 100 },
          targets: [{ of: 'value', atLeast: 99.99 }],
        }),
        row({
          what: 'calls/item',
          unit: '',
          ours: ours.map(({ calls }) => calls),
          limit: { name: 'expected', value: 1 / (1 - FAULT_RATE) },
          targets: [{ of: 'value', atMost: 1.2 }],
        }),
      ],
    };
  },
};

class FlakyModel {
  rate = 0;
  calls = 0;
  readonly #random;

  constructor(seed: number) {
    this.#random = createRandom(seed, 'model');
  }

  respond(): Reply {
    this.calls++;
    return this.#random.next() < this.rate ? this.#random.pick(FAULTS)() : {};
  }
}

/** @returns How many items were completed. */
async function analyzeAll({ stack }: SlowStack, items: number): Promise<number> {
  const files = await pictures(items);
  const ids: string[][] = [];
  for (let start = 0; start < items; start += FILES_A_REQUEST) {
    const some = files.slice(start, start + FILES_A_REQUEST);
    ids.push((await client(stack).analyze(some)).media_ids);
  }
  const results = await Promise.all(ids.map((some) => client(stack).results(some)));
  return results.flat().filter((media) => media?.status === 'completed').length;
}

/**
 * Asks once for each item, and counts an unreadable answer as a failure. @returns How many answers could
 * be read.
 */
async function askOnce({ geminiUrl }: SlowStack, items: number): Promise<number> {
  let read = 0;
  for (let n = 0; n < items; n++) {
    const answer = await ask(`${geminiUrl}/v1beta/models/${MODEL}:generateContent`).catch(() => '');
    if (answer !== '') read++;
  }
  return read;
}

async function ask(url: string): Promise<string> {
  const responseJsonSchema = { type: 'object', properties: { title: { type: 'string' } } };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'x-goog-api-key': 'bench' },
    body: JSON.stringify({
      contents: [{ role: 'user', parts: [{ text: 'Describe it.' }] }],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema },
    }),
  });
  const body = (await response.json()) as {
    candidates?: { content: { parts: { text: string }[] } }[];
  };
  const { title } = JSON.parse(body.candidates?.[0]?.content.parts[0]?.text ?? '{}');
  return title ?? '';
}
