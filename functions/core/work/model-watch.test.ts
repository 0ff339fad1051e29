import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { Stop } from '../../analysis/models.ts';
import { createLogger } from '../../process/log.ts';
import { ModelWatch } from './model-watch.ts';

const DAY = 24 * 3_600_000;
/** Ends on 2027-05-07 at both providers, and has a successor. */
const MODEL = 'googleai/gemini-3.1-flash-lite';
/** A model without a known end. */
const OPEN_ENDED = 'googleai/gemini-3.7-flash';

function watch({
  models = [OPEN_ENDED],
  exists = async () => true,
  at = '2026-11-25T00:00:00Z',
}: {
  models?: string[];
  exists?: (model: string) => Promise<boolean | undefined>;
  at?: string;
} = {}) {
  const lines: Record<string, unknown>[] = [];
  const write = (chunk: Buffer, _: unknown, done: () => void) => {
    lines.push(JSON.parse(chunk.toString()));
    done();
  };
  let now = Date.parse(at);
  let looks = 0;
  const made = new ModelWatch({
    models,
    exists: (model) => {
      looks++;
      return exists(model);
    },
    logger: createLogger('worker', 'info', new Writable({ write })),
    now: () => now,
  });
  return {
    made,
    lines,
    looks: () => looks,
    pass: (ms: number) => {
      now += ms;
    },
    messages: () => lines.map(({ message }) => message),
  };
}

test('an existing model is looked up once a day, and nothing is logged', async () => {
  const { made, looks, pass, lines } = watch();
  await Promise.all([made.check(), made.check()]);
  pass(DAY - 1);
  expect(await made.health()).toEqual({ status: 'ok' });
  expect(looks()).toBe(1);
  pass(1);
  await made.check();
  expect(looks()).toBe(2);
  expect(lines).toEqual([]);
});

test('a missing model is logged as an error with advice, and the unit is degraded', async () => {
  const { made, lines } = watch({ models: [MODEL], exists: async () => false });
  expect(await made.health()).toEqual({
    status: 'degraded',
    reason: expect.stringMatching(/^googleai\/gemini-3\.1-flash-lite: .*does not have this model/),
  });
  expect(lines).toMatchObject([
    {
      severity: 'ERROR',
      message: 'model missing',
      model: MODEL,
      what_to_do: expect.stringMatching(/ANALYSIS_MODEL.*gemini-3\.5-flash-lite/),
    },
  ]);
});

test('a model that answers exists, even if the provider said that it does not', async () => {
  const { made } = watch({ exists: async () => false });
  await made.check();
  made.onAnswer(OPEN_ENDED, undefined);
  expect(await made.health()).toEqual({ status: 'ok' });
});

test('a provider that does not answer changes nothing, and is asked again later', async () => {
  const { made, looks, pass, messages } = watch({
    exists: () => Promise.reject(new TypeError('fetch failed')),
  });
  expect(await made.health()).toEqual({ status: 'ok' });
  await made.check();
  pass(10 * 60_000);
  await made.check();
  expect(looks()).toBe(2);
  expect(messages()).toEqual(['model not looked up', 'model not looked up']);
});

test('an answer that is neither yes nor no changes nothing', async () => {
  const { made, lines } = watch({ exists: async () => undefined });
  expect(await made.health()).toEqual({ status: 'ok' });
  expect(lines).toEqual([]);
});

test('from 30 days before its end, a model is logged as an error once a day', async () => {
  const { made, lines, pass } = watch({ models: [MODEL], at: '2027-04-05T23:59:59Z' });
  await made.check();
  expect(lines).toEqual([]);
  pass(DAY);
  await made.check();
  expect(lines).toMatchObject([
    {
      severity: 'ERROR',
      message: 'model ends',
      model: MODEL,
      ends: '2027-05-07',
      days_left: 30,
      what_to_do: expect.stringContaining('googleai/gemini-3.5-flash-lite'),
    },
  ]);
  pass(DAY);
  await made.check();
  expect(lines.map(({ days_left }) => days_left)).toEqual([30, 29]);
});

test('an end that the model itself names replaces the one of our records', async () => {
  const { made, lines } = watch();
  made.onAnswer(OPEN_ENDED, '2027-06-01T00:00:00Z');
  expect(lines).toEqual([]);
  made.onAnswer(OPEN_ENDED, '2026-12-01T00:00:00Z');
  made.onAnswer(OPEN_ENDED, '2026-12-01T00:00:00Z');
  made.onAnswer(OPEN_ENDED, 'soon');
  expect(lines).toMatchObject([{ message: 'model ends', days_left: 6 }]);
});

const stop = (code: Stop['code'], until = 0): Stop => {
  return { model: OPEN_ENDED, code, until, cause: new Error('404 Not Found') };
};

test('a stopped model is logged as an error with its cause; the unit is degraded until it answers', async () => {
  const { made, lines, messages } = watch();
  made.onStop(stop('analysis_unpaid', Date.parse('2026-11-25T00:00:30Z')));
  expect(await made.health()).toEqual({
    status: 'degraded',
    reason: expect.stringContaining('spend cap'),
    retry_at: '2026-11-25T00:00:30.000Z',
  });
  expect(lines).toMatchObject([
    { severity: 'ERROR', code: 'analysis_unpaid', error: { message: '404 Not Found' } },
  ]);
  made.onResume(OPEN_ENDED);
  expect(await made.health()).toEqual({ status: 'ok' });
  expect(messages()).toEqual(['model stopped', 'model answers again']);
});

test.each(['analysis_unavailable', 'analysis_timeout'] as const)(
  'an outage (%s) is no error, because most are over in minutes; the unit is degraded meanwhile',
  async (code) => {
    const { made, lines } = watch();
    made.onStop(stop(code));
    expect(lines).toMatchObject([{ severity: 'WARNING', message: 'model away' }]);
    expect(await made.health()).toMatchObject({ status: 'degraded' });
  },
);

test('an outage that only the operator can end is an error, and says what came and what to do', () => {
  const { made, lines } = watch();
  const cause = new Error('no answer of the API from https://a.example: status 200, text/html');
  made.onStop({ ...stop('analysis_unavailable'), cause, whatToDo: 'Correct the address.' });
  expect(lines).toMatchObject([
    { severity: 'ERROR', message: 'model away', what_to_do: 'Correct the address.' },
  ]);
  expect(lines).toMatchObject([{ error: { message: expect.stringContaining('text/html') } }]);
});

test('a used up quota is no error: it comes back by itself', () => {
  const { made, lines } = watch();
  made.onStop(stop('analysis_quota'));
  expect(lines).toMatchObject([{ severity: 'WARNING', message: 'quota used up' }]);
});

test('a stopped fallback model does not make the unit degraded', async () => {
  const { made } = watch();
  made.onStop({ ...stop('analysis_unpaid'), model: 'vertexai/gemini-3.8-flash' });
  expect(await made.health()).toEqual({ status: 'ok' });
});
