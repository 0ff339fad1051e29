/** What becomes of a media, by how a server of `/chat/completions` answers: as OpenAI, Ollama and vLLM do. */
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnalyzeInput, createAnalyzer } from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import {
  ASK,
  answerRows,
  DESCRIBE,
  OWN,
  type Subject,
  type Written,
} from '../../support/answer-rows.ts';
import {
  type ChatReply,
  type Dialect,
  errorOf,
  noModel,
  type RunningChat,
  startChat,
} from '../../support/chat-server.ts';
import { HANG_LIMIT_MS } from '../../support/hang-limit.ts';
import {
  expectOutcome,
  failed,
  options,
  outlasted,
  type Row,
  rescheduled,
  twice,
} from '../../support/outcome-rows.ts';

const NAMES: Record<Dialect, string> = {
  openai: 'gpt-5-mini',
  ollama: 'qwen2.5vl:7b',
  vllm: 'google/gemma-3-27b-it',
};

const HANGS: ChatReply = { instead: 'hang' };
/** A server differs from another in what is around an answer, and an analysis in what is in it. */
const SUBJECTS: Record<Dialect, Subject> = { openai: DESCRIBE, ollama: OWN, vllm: ASK };

const NO_CHOICES = { usage: { prompt_tokens: 400, completion_tokens: 120 } };
const HTML = { headers: { 'content-type': 'text/html' }, body: '<html>Please sign in</html>' };

const fine = (reply: ChatReply, analytics: object = {}): Row<ChatReply> => ({
  reply: () => reply,
  outcome: 'completed',
  analytics,
});

/** A reply with this error, in the words of each server where they differ. */
function tableOf(dialect: Dialect): Record<string, Row<ChatReply>> {
  const error =
    (status: number, message: string, code?: string, headers = {}) =>
    () => ({
      ...errorOf(dialect, status, message, code),
      headers,
    });
  const away = (reply: ChatReply) => outlasted(() => reply, 'analysis_unavailable');
  const unusable = (reply: ChatReply, fault: RegExp) => twice(() => reply, fault);
  const cutOff: Row<ChatReply> = {
    reply: () => ({ text: '{"title":"A har', finish: 'length' }),
    outcome: 'twice',
    code: 'analysis_cut_off',
    words: /one answer/,
    analytics: { notes: ['shortened'] },
  };
  return {
    'an answer': fine({}),
    'a slow answer': fine({ delayMs: 50 }),
    'an answer in a fence': fine({ around: ['```json\n', '\n```'] }),
    'an answer with thoughts before it and words around it': fine({
      around: ['<think>A {harbour}?</think>\nHere:\n```\n', '\n```\nIs that all?'],
    }),
    'an answer in one piece': fine({ asObject: true }),
    'an answer whose end is not told by [DONE]': fine({ done: false }),
    'an answer whose end is told by [DONE] alone': fine({ finish: null }),
    'a whole answer whose end is not told': fine({ finish: null, done: false }),
    'a number in words': fine({ changes: { people_count: '2' } }, { people_count: 2 }),

    'the token limit': cutOff,
    'an answer without an end': {
      ...cutOff,
      reply: () => ({ instead: 'endless' }),
      isUncounted: true,
    },

    '429': outlasted(error(429, 'Rate limit reached for requests'), 'analysis_quota'),
    '429 with Retry-After': outlasted(
      error(429, 'Rate limit reached', 'rate_limit_exceeded', { 'retry-after': '7' }),
      'analysis_quota',
    ),
    '429 that says how long in words': outlasted(
      error(429, 'Rate limit reached on tokens per min (TPM). Please try again in 6.5s.'),
      'analysis_quota',
    ),
    '429, back too late': rescheduled(
      error(429, 'Rate limit reached', 'rate_limit_exceeded', { 'retry-after': '400' }),
    ),
    '429 of the day': rescheduled(error(429, 'Rate limit exceeded: free-models-per-day')),
    'no quota left': rescheduled(
      error(429, 'You exceeded your current quota, insufficient_quota', 'insufficient_quota'),
      'analysis_unpaid',
    ),
    '402': rescheduled(error(402, 'Insufficient credits'), 'analysis_unpaid'),
    '401': rescheduled(error(401, 'Incorrect API key provided'), 'analysis_no_access'),
    '403': rescheduled(
      error(403, 'Country, region, or territory not supported'),
      'analysis_no_access',
    ),
    'no such model': rescheduled(() => noModel(dialect, NAMES[dialect]), 'analysis_model_missing'),
    'a model that looks at no pictures': rescheduled(
      error(400, 'image_url is only supported by certain models.'),
      'analysis_model_missing',
    ),

    '500': away(errorOf(dialect, 500, 'The server had an error')),
    '502 in HTML': away({ ...HTML, status: 502 }),
    '503': away(errorOf(dialect, 503, 'The engine is currently overloaded')),
    '504': outlasted(error(504, 'Gateway Timeout'), 'analysis_timeout'),
    'an address that is not there': away({ status: 404, body: '404 page not found' }),
    'an address that sends on to another': away({
      status: 307,
      headers: { location: 'http://127.0.0.1:9/v1/chat/completions' },
      body: '',
    }),
    'a page of a proxy, with status 200': away(HTML),
    'a page of a proxy, with status 403': away({ ...HTML, status: 403 }),
    'JSON of another service': away({ body: { status: 'ok', error: 'no such app' } }),
    'no answer in time': outlasted(() => HANGS, 'analysis_timeout'),
    'a broken connection': away({ instead: 'reset' }),
    'a connection broken in the middle of the answer': away({ instead: 'cut' }),
    'an empty body': away({ body: '' }),

    'an answer that ends too soon': {
      ...unusable({ instead: 'short' }, /it breaks off in the middle/),
      isUncounted: true,
    },
    'an event that is no JSON': {
      ...unusable({ event: '{"choices":[{"delta"' }, /it cannot be read/),
      isUncounted: true,
    },
    'an event of another form': {
      ...unusable({ event: '{"choices":{"delta":1}}' }, /it cannot be read/),
      isUncounted: true,
    },
    'no choices': unusable({ body: { ...NO_CHOICES, choices: [] } }, /it is empty/),
    'null in place of choices': unusable({ body: { ...NO_CHOICES, choices: null } }, /it is empty/),
    'null in place of a message': unusable(
      { body: { ...NO_CHOICES, choices: [{ message: null, finish_reason: 'stop' }] } },
      /it is empty/,
    ),
    'an object in place of its text': {
      reply: () => ({
        body: {
          ...NO_CHOICES,
          choices: [{ message: { content: DESCRIBE.good }, finish_reason: 'stop' }],
        },
      }),
      outcome: 'completed',
      analytics: { summary: DESCRIBE.good.summary },
    },
    'a call of a tool in one piece': {
      reply: () => ({
        text: '',
        call: JSON.stringify(DESCRIBE.good),
        asObject: true,
        finish: 'tool_calls',
      }),
      outcome: 'completed',
      analytics: { summary: DESCRIBE.good.summary },
    },
    'more letters than a title may have': fine(
      { changes: { title: 'x'.repeat(200_000) } },
      { title: 'x'.repeat(200) },
    ),
    'no tags': unusable({ changes: { tags: undefined } }, /“tags” is missing/),

    'an overload in the stream': away({
      event: JSON.stringify({ error: { code: 503, message: 'overloaded' } }),
    }),
    'an empty balance in the stream': rescheduled(
      () => ({ event: JSON.stringify({ error: { code: 402, message: 'Insufficient credits' } }) }),
      'analysis_unpaid',
    ),

    'an answer that a filter broke off': failed(
      () => ({ text: '{"title":', finish: 'content_filter' }),
      'analysis_blocked',
      /safety rules/,
    ),
    'a refusal': failed(
      () => ({ text: '', refusal: 'I can’t help with that.' }),
      'analysis_blocked',
      /safety rules/,
    ),
    'a prompt that a filter stops': failed(
      error(400, 'The prompt was stopped by the content_filter', 'content_filter'),
      'analysis_blocked',
    ),
    'a picture that it cannot read': failed(
      error(400, 'Invalid image data: could not process image'),
      'unsupported_media_type',
    ),
    '400': failed(error(400, 'Invalid value: messages'), 'analysis_rejected'),
    '413': failed(error(413, 'Request Entity Too Large'), 'analysis_rejected'),
  };
}

let input: AnalyzeInput;
beforeAll(async () => {
  const bytes = await readFile(new URL('../../photos/02-cat.png', import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, 'cat.png');
  const rest = { fileName: 'cat.png', language: 'en' };
  input = { facts, contentType, preview: preview?.bytes ?? null, ...rest };
});

describe.each(Object.keys(NAMES) as Dialect[])('as %s answers', (dialect) => {
  const KEY = 'key-27182818';
  const model = `openai/${NAMES[dialect]}`;
  let chat: RunningChat;
  beforeAll(async () => {
    chat = await startChat({ dialect, apiKey: KEY });
  });
  afterEach(() => chat.reset());
  afterAll(() => chat.close());

  const server = () => ({ ...chat, texts: () => chat.calls.map(({ text }) => text) });

  const create = (changes: object = {}) =>
    createAnalyzer({
      model,
      openaiBaseUrl: chat.url,
      openaiApiKey: KEY,
      callTimeoutMs: HANG_LIMIT_MS,
      ...changes,
    });

  test.each(Object.entries(tableOf(dialect)))('%s', async (_title, row) => {
    const callTimeoutMs = row.reply() === HANGS ? 500 : HANG_LIMIT_MS;
    await expectOutcome({ row, analyzer: create({ callTimeoutMs }), input, server: server() });
  });

  const subject = SUBJECTS[dialect];
  describe(`${subject.title}, if the model answers with`, () => {
    const written = ({ text = '', ...others }: Written): ChatReply => ({ text, ...others });

    test.each(Object.entries(answerRows(subject, written)))('%s', async (_title, row) => {
      await expectOutcome({
        row,
        analyzer: create(),
        input,
        server: server(),
        asked: subject.asked,
      });
    });

    test('half of it, at the token limit', async () => {
      const row: Row<ChatReply> = {
        reply: () => ({ text: '{"alt":"A har', finish: 'length' }),
        outcome: 'twice',
        code: 'analysis_cut_off',
        words: /one answer of the model, and a short answer was too long as well/,
      };
      await expectOutcome({
        row,
        analyzer: create(),
        input,
        server: server(),
        asked: subject.asked,
      });
    });
  });

  test('a picture, the schema, the limit and the tokens are asked for, and are on the receipt', async () => {
    const { analytics, usage } = await create().analyze(input, options());
    expect(analytics).toMatchObject({ model, title: 'harbour' });
    expect(usage).toMatchObject({ model, input_tokens: 400, output_tokens: 120, attempts: 1 });
    const { body } = chat.calls[0] ?? {};
    expect(body).toMatchObject({ model: NAMES[dialect], stream: true, max_tokens: 16_384 });
    expect(body?.stream_options).toEqual({ include_usage: true });
    const { schema, strict } = body?.response_format?.json_schema ?? {};
    expect(strict).toBe(true);
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    const [system, user] = body?.messages ?? [];
    expect(system).toMatchObject({ role: 'system', content: expect.stringMatching(/English/) });
    expect(user?.content).toMatchObject([
      { type: 'image_url', image_url: { url: expect.stringMatching(/^data:image\/jpeg;base64,/) } },
      { type: 'text' },
    ]);
  });

  test.each([
    [['response_format'], ['stream_options', 'max_tokens']],
    [['stream_options'], ['response_format', 'max_tokens']],
    [['max_tokens'], ['response_format', 'stream_options', 'max_completion_tokens']],
    [['max_tokens', 'max_completion_tokens', 'stream_options', 'response_format'], []],
  ])('what it refuses is left out, once and for all: %j', async (refuses, kept) => {
    chat.refuses = refuses;
    const analyzer = create();
    const { usage } = await analyzer.analyze(input, options());
    expect(usage.attempts).toBe(1);
    expect(chat.calls).toHaveLength(refuses.length + 1);
    await analyzer.analyze(input, options());
    expect(chat.calls).toHaveLength(refuses.length + 2);
    const extras = ['response_format', 'stream_options', 'max_tokens', 'max_completion_tokens'];
    const sent = Object.keys(chat.calls.at(-1)?.body ?? {}).filter((name) => extras.includes(name));
    expect(sent.sort()).toEqual([...kept].sort());
  });

  test('a limit above its context is left out, under each of its names', async () => {
    const words =
      "'max_tokens' or 'max_completion_tokens' is too large: 16384. This model's maximum context length is 8192 tokens and your request has 3000 input tokens.";
    chat.enqueue(errorOf(dialect, 400, words));
    const { usage } = await create().analyze(input, options());
    expect(usage.attempts).toBe(1);
    expect(chat.calls).toHaveLength(2);
    expect(chat.calls[1]?.text).not.toMatch(/max_(completion_)?tokens/);
  });

  test('a prompt that is too long takes the limit of an answer away from nobody', async () => {
    const words = "This model's maximum context length is 8192 tokens. Your prompt has 9000.";
    const analyzer = create();
    chat.enqueue(errorOf(dialect, 400, words));
    const failed = analyzer.analyze(input, options());
    await expect(failed).rejects.toMatchObject({ code: 'analysis_rejected' });
    await analyzer.analyze(input, options());
    expect(chat.calls).toHaveLength(2);
    expect(chat.calls[1]?.body).toMatchObject({ max_tokens: 16_384 });
  });

  test('what was left out and did not help is asked for again', async () => {
    const analyzer = create();
    // It repeats the words of a prompt, which happen to name a part of the request.
    const echo = errorOf(dialect, 400, 'Invalid value: "What is a json schema?"');
    chat.enqueue(echo, echo);
    await expect(analyzer.analyze(input, options())).rejects.toThrow();
    await analyzer.analyze(input, options());
    expect(chat.calls.at(-1)?.body.response_format).toBeDefined();
  });

  test.each([
    ['if the connection stays open', { instead: 'linger' }],
    ['if nothing says that nothing follows', { instead: 'linger', done: false }],
  ] as const)('an answer ends with its last word, also %s', async (_, reply) => {
    chat.enqueue(reply);
    const { usage } = await create({ callTimeoutMs: HANG_LIMIT_MS }).analyze(input, options());
    expect(usage).toMatchObject({ attempts: 1, output_tokens: 120 });
    expect(usage.estimated).toBeUndefined();
  });

  test('a call costs nothing on this machine, whether it tells its tokens or not', async () => {
    chat.enqueue({ usage: null });
    const pay = () => Promise.reject(new Error('a call that is free was counted'));
    const { usage } = await create().analyze(input, { ...options(), pay });
    expect(usage).toMatchObject({ cost_usd: 0, input_tokens: 0 });
  });

  test('a price that is set counts, and cached tokens at that price', async () => {
    const usage = {
      prompt_tokens: 10_000,
      completion_tokens: 10_000,
      prompt_tokens_details: { cached_tokens: 5_000 },
    };
    chat.enqueue({ usage });
    const priced = create({ openaiPrice: { input: 0.5, output: 2 } });
    expect((await priced.analyze(input, options())).usage.cost_usd).toBe(0.025);
  });

  test('a refused call is told to the log without the key', async () => {
    chat.enqueue(errorOf(dialect, 401, `Incorrect API key provided: ${KEY}`));
    const error = await create()
      .analyze(input, options())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      cause: { message: expect.stringContaining('Incorrect API key') },
    });
    expect(JSON.stringify(error, ['message', 'cause'])).not.toContain(KEY);
  });

  test.each([
    [
      'a page of a proxy',
      { status: 404, headers: { 'content-type': 'text/html' }, body: `<p>${KEY}</p>` },
    ],
    ['words that are cut within the key', errorOf(dialect, 401, `${'x'.repeat(267)} ${KEY}`)],
  ])('%s is told to the log without the key', async (_what, reply) => {
    // A proxy is asked again.
    chat.enqueue(...Array<ChatReply>(5).fill(reply));
    const error = await create()
      .analyze(input, options())
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 9 })).toContain('status 40');
    expect(inspect(error, { depth: 9 })).not.toContain(KEY.slice(0, 8));
  });

  test('nothing that was refused counts as spent; what broke off counts with the most', async () => {
    const spent: (number | null)[] = [];
    const priced = create({ openaiPrice: { input: 1, output: 1 } });
    const ask = async (reply: ChatReply) => {
      chat.enqueue(reply);
      const onSpent = ({ cost_usd }: { cost_usd: number | null }) => spent.push(cost_usd);
      await priced.analyze(input, { ...options(), onSpent }).catch(() => undefined);
    };
    await ask(errorOf(dialect, 402, 'Insufficient credits'));
    expect(spent).toEqual([0]);
    const { usage } = await (async () => {
      chat.enqueue({ instead: 'cut' });
      return create({ openaiPrice: { input: 1, output: 1 } }).analyze(input, options());
    })();
    expect(usage).toMatchObject({ attempts: 2, estimated: true });
    expect(usage.cost_usd).toBeGreaterThan(0.016384);
  });

  test('a file about which the model never ends its answer does not make those of others wait', async () => {
    chat.enqueue(...Array.from({ length: 4 }, () => ({ instead: 'pause' }) as const));
    const stopped: unknown[] = [];
    const onStop = (stop: unknown) => stopped.push(stop);
    const analyzer = create({ callTimeoutMs: 500, onStop });
    const failed = { name: 'AppError', code: 'analysis_timeout' };
    await expect(analyzer.analyze(input, options())).rejects.toMatchObject(failed);
    expect((await analyzer.analyze(input, options())).usage.attempts).toBe(1);
    expect([chat.calls.length, stopped]).toEqual([5, []]);
  });

  test('the call ends when the delivery ends', async () => {
    chat.enqueue({ instead: 'hang' });
    const stop = new AbortController();
    const { signal } = stop;
    const asked = create().analyze(input, { ...options(), signal });
    const reason = new Error('the delivery is over');
    setTimeout(() => stop.abort(reason), 100);
    await expect(asked).rejects.toBe(reason);
  });
});

test('a picture is sent to the address that the operator has named, and to no other', async () => {
  const other = await startChat();
  const chat = await startChat({
    respond: () => ({
      status: 307,
      headers: { location: `${other.url}/chat/completions` },
      body: '',
    }),
  });
  const analyzer = createAnalyzer({ model: 'openai/llava', openaiBaseUrl: chat.url });
  await expect(analyzer.analyze(input, options())).rejects.toMatchObject({
    code: 'analysis_unavailable',
  });
  expect(other.calls).toEqual([]);
  await Promise.all([chat.close(), other.close()]);
});

test('a connection that is refused costs nothing and is waited for, and the log says which address', async () => {
  const chat = await startChat();
  await chat.close();
  const analyzer = createAnalyzer({ model: 'openai/llava', openaiBaseUrl: chat.url });
  await expect(analyzer.analyze(input, options())).rejects.toMatchObject({
    code: 'analysis_unavailable',
    cause: { message: expect.stringContaining(`no connection to ${chat.url}/chat/completions`) },
  });
});

test('a video is refused in words, before anything is copied or asked', async () => {
  const chat = await startChat();
  const analyzer = createAnalyzer({ model: 'openai/llava', openaiBaseUrl: chat.url });
  const copied = () => Promise.reject(new Error('copied'));
  const video = { size: 1, bytes: copied, copy: copied };
  const facts = { ...input.facts, kind: 'video' as const, duration_s: 3 };
  await expect(
    analyzer.analyze({ ...input, facts, video, fileName: 'a.mp4' }, options()),
  ).rejects.toMatchObject({
    code: 'video_without_frames',
    message: expect.stringMatching(/“a\.mp4” is stored, but .* pictures and not at videos/),
  });
  expect(chat.calls).toEqual([]);
  await chat.close();
});
