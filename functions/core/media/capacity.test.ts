import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Analytics } from '@media-analysis/shared/analytics';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { MAX_ANSWER_BYTES, storedBytes } from '../../analysis/stored-bytes.ts';
import { isFull, MAX_DOCUMENT_BYTES } from './capacity.ts';
import { askedFor, type MediaRecord } from './record.ts';
import { MediaStore } from './store.ts';

const { db } = await openFirestore();
const store = new MediaStore(db);
const OWNER = 'asker';
const names = range(20).map((n) => `analysis-${n}`);
/** A Japanese letter has three bytes in Firestore. */
const letters = (count: number) => '字'.repeat(count);

/** Twenty analyses, each with an input of so many bytes. */
function asked(bytes: number): MediaRecord {
  const input = { question: 'x'.repeat(bytes) };
  const analyses = Object.fromEntries(names.map((name) => [name, askedFor(input, 0)]));
  const id = store.newId();
  return mediaRecord({ id, owner_id: OWNER, status: 'completed', object: 'o', analyses });
}

/** How many bytes the input of the first analysis may have, if the others have `bytes` each. */
function most(bytes: number): number {
  let [low, high] = [0, MAX_DOCUMENT_BYTES];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const isOver = isFull(asked(bytes), names[0] ?? '', { question: 'x'.repeat(middle) });
    if (isOver) high = middle;
    else low = middle;
  }
  return low;
}

describe('what is asked about one media', () => {
  let limit: number;
  beforeAll(() => {
    limit = most(1_500);
  });
  const ask = async (bytes: number) => {
    const record = asked(1_500);
    await store.ref(record.id).create(record);
    const asking = { name: names[0] ?? '', input: { question: 'x'.repeat(bytes) } };
    return store.ask(record.id, OWNER, asking, 'queued');
  };

  test('may be as long as there is room, and no byte longer: that is said before a model is asked', async () => {
    expect(limit).toBeGreaterThan(1_500);
    expect(await ask(limit)).toMatchObject({ status: 'pending' });
    await expect(ask(limit + 1)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/too long to be kept .* Ask with fewer words/),
    });
  });

  test('leaves room for a description', async () => {
    const record = asked(1_500);
    record.analyses = { ...record.analyses, extra: askedFor({ question: 'x'.repeat(limit) }, 0) };
    await store.ref(record.id).create(record);
    const description = { name: 'describe', input: {} };
    expect(await store.ask(record.id, OWNER, description, 'queued')).toMatchObject({
      wanted: ['describe'],
    });
  });

  test('fits into one document with the longest answers, the longest description, and what is kept of how they were made', async () => {
    const record = asked(1_500);
    const usage = {
      model: `openai/${'m'.repeat(100)}`,
      input_tokens: 1,
      output_tokens: 1,
      cost_usd: 1,
      cached: false,
      attempts: 1,
      duration_ms: 1,
      estimated: true,
    };
    const version = 'v'.repeat(50);
    for (const name of names) {
      const input = { question: 'x'.repeat(name === names[0] ? limit : 1_500) };
      const output = { answer: 'x'.repeat(MAX_ANSWER_BYTES - 40) };
      expect(storedBytes(output)).toBe(MAX_ANSWER_BYTES);
      const error_message = letters(500);
      record.analyses = {
        ...record.analyses,
        [name]: {
          ...askedFor(input, 0),
          output,
          model: usage.model,
          version,
          usage,
          error_message,
        },
      };
      const how = { at: '2026-11-27T00:00:00.000Z', attempt: 1, language: 'ja' };
      record.made = { ...record.made, [name]: { ...how, input, usage, asked: usage.model } };
    }
    record.analytics = longestDescription() as unknown as Analytics;
    expect(storedBytes(record)).toBeLessThan(MAX_DOCUMENT_BYTES);
    await store.ref(record.id).create(record);
    expect(await store.get(record.id, OWNER)).toMatchObject({ status: 'completed' });
  });
});

/** Each text at its limit in `shared/analytics.ts`. */
function longestDescription() {
  const box = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
  return {
    title: letters(200),
    summary: letters(2_000),
    tags: range(30).map(() => letters(60)),
    objects: range(100).map(() => ({ label: letters(100), confidence: 0.5, box })),
    people_count: 1,
    text: letters(10_000),
    scene: letters(200),
    mood: letters(200),
    safety: { verdict: 'safe', categories: range(20).map(() => letters(60)) },
    segments: range(50).map(() => ({ start_s: 1, end_s: 2, summary: letters(500) })),
  };
}
