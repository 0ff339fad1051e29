/** An ordered chain of models: who is asked while those before do not answer, and who is on the receipt. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  createAnalyzer,
  ServiceWaitError,
} from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import { type ChatReply, errorOf, type RunningChat, startChat } from '../../support/chat-server.ts';
import { type RunningGemini, replies, startGemini } from '../../support/gemini-server.ts';

const NOW = Date.parse('2026-11-25T20:00:00Z');
const SECONDS = 1_000;
const GEMINI = `googleai/${EXAMPLE_GEMINI}`;

/** How each model of the server answers; absent: well. */
let answers: Record<string, ChatReply> = {};
let chat: RunningChat;
let gemini: RunningGemini;
let input: AnalyzeInput;
let now = NOW;
let slept: number[] = [];

beforeAll(async () => {
  chat = await startChat({ respond: ({ body }) => answers[body.model] });
  gemini = await startGemini();
  const bytes = await readFile(new URL('../../photos/02-cat.png', import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, 'cat.png');
  const rest = { fileName: 'cat.png', language: 'en' };
  input = { facts, contentType, preview: preview?.bytes ?? null, ...rest };
});
afterEach(() => {
  answers = {};
  now = NOW;
  slept = [];
  chat.reset();
  gemini.reset();
});
afterAll(async () => {
  await chat.close();
  await gemini.close();
});

const options = (): AnalyzeOptions => ({
  signal: new AbortController().signal,
  deadline: now + 300 * SECONDS,
  now: () => now,
  sleep: async (ms) => void slept.push(ms),
});

function chain(model: string, ...fallbacks: string[]) {
  const analyzer = createAnalyzer({
    model,
    fallbacks,
    openaiBaseUrl: chat.url,
    callTimeoutMs: 500,
    geminiApiKey: 'key',
    baseUrl: gemini.url,
  });
  return (changes: Partial<AnalyzeInput> = {}) =>
    analyzer.analyze({ ...input, ...changes }, options());
}

const asked = () => chat.calls.map(({ body }) => body.model);
const busy = (seconds: number) => ({
  ...errorOf('openai', 429, 'Rate limit reached'),
  headers: { 'retry-after': String(seconds) },
});

test.each<[string, ChatReply]>([
  ['is overloaded', errorOf('openai', 503, 'overloaded')],
  ['does not answer in time', { instead: 'hang' }],
  ['has a busy minute', busy(5)],
  ['has used up its day', busy(400)],
  ['is not there', errorOf('openai', 404, 'The model `a` does not exist')],
])('while the first %s, the next one answers, and is on the receipt', async (_what, reply) => {
  answers = { a: reply };
  const ask = chain('openai/a', 'openai/b', 'openai/c');
  const { analytics, usage } = await ask();
  expect([analytics.model, usage.model]).toEqual(['openai/b', 'openai/b']);
  expect(new Set(asked())).toEqual(new Set(['a', 'b']));
  chat.reset();
  await ask();
  expect(asked()).toEqual(['b']);
});

test('the order counts: the third is asked only while the first two do not answer', async () => {
  answers = { a: errorOf('openai', 503, 'overloaded'), b: errorOf('openai', 402, 'no credits') };
  const ask = chain('openai/a', 'openai/b', 'openai/c');
  expect((await ask()).usage.model).toBe('openai/c');
  answers = {};
  chat.reset();
  now += 11 * SECONDS;
  expect((await ask()).usage.model).toBe('openai/a');
});

test('a long pause is not waited for while another model may answer', async () => {
  answers = { a: busy(30) };
  expect((await chain('openai/a', 'openai/b')()).usage).toMatchObject({
    model: 'openai/b',
    attempts: 2,
  });
  expect(slept).toEqual([]);
});

test('without another model it is waited for', async () => {
  chat.enqueue(busy(30));
  expect((await chain('openai/a')()).usage.attempts).toBe(2);
  expect(slept).toEqual([30 * SECONDS]);
});

test('if none answers, the media waits until the first of them is back', async () => {
  answers = { a: busy(300), b: busy(120), c: errorOf('openai', 402, 'no credits') };
  const error = await chain('openai/a', 'openai/b', 'openai/c')().catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ServiceWaitError);
  expect(error).toMatchObject({ code: 'analysis_quota', retryAt: NOW + 10 * SECONDS });
});

const video = (): Partial<AnalyzeInput> => ({
  facts: { ...input.facts, kind: 'video', duration_s: 3 },
  contentType: 'video/mp4',
  fileName: 'a.mp4',
  video: {
    size: 4,
    bytes: async () => Buffer.from('ftyp'),
    copy: () => Promise.reject(new Error('copied')),
  },
});

test('a video goes to the first model of the chain that takes videos', async () => {
  const { usage } = await chain('openai/a', GEMINI)(video());
  expect(usage.model).toBe(GEMINI);
  expect(asked()).toEqual([]);
});

test('a video waits for that model, and does not fail because the next one takes none', async () => {
  gemini.enqueue(replies.spendCap());
  await expect(chain(GEMINI, 'openai/a')(video())).rejects.toMatchObject({
    code: 'analysis_unpaid',
  });
  expect(asked()).toEqual([]);
});
