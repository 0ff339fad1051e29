import { describe, expect, test } from '@jest/globals';
import { GenkitError } from 'genkit';
import { classifyModelError as classify } from './classify.ts';
import {
  BlockedError,
  CallTimeoutError,
  CutOffError,
  InvalidOutputError,
  LanguageError,
  RecitationError,
  RejectedError,
  UnavailableError,
} from './errors.ts';
import { gemini } from './providers/gemini.ts';

const classifyModelError = (error: unknown, now?: number) => classify(error, gemini, now);

const HOUR = 3_600_000;
const DAY_AGO = 24 * HOUR;
const NEVER = Number.POSITIVE_INFINITY;
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/** Like the plugin's errors: it knows few statuses, and keeps the API's body in `detail`. */
function apiError(code: number, details: unknown[] = [], message = 'no', retryAfterMs?: number) {
  return new GenkitError({
    status: 'UNKNOWN',
    message: `Error fetching from http://127.0.0.1/v1beta/x: [${code} x] ${message}`,
    detail: { error: { code, message, details } },
    ...(retryAfterMs !== undefined && { responseMetadata: { retryAfterMs } }),
  });
}

/** An answer whose status and body differ. @param status 0: it began well */
function lying(status: number, code: number) {
  const url = 'http://127.0.0.1/v1beta/x';
  return new GenkitError({
    status: 'UNKNOWN',
    message:
      status === 0 ? 'no' : `Error fetching from ${url}: [${status} x] the model is not here`,
    detail: { error: { code, message: 'the model is not here' } },
  });
}

const quota = (...quotaIds: string[]) => ({ violations: quotaIds.map((quotaId) => ({ quotaId })) });
const retryInfo = (retryDelay: string) => ({ '@type': RETRY_INFO, retryDelay });

describe('what a failed call means', () => {
  test.each([
    ['blocked', new BlockedError('x'), 'analysis_blocked', 'never'],
    ['invalid output', new InvalidOutputError('x'), 'analysis_invalid_output', 'never'],
    ['cut off at its limit', new CutOffError('x'), 'analysis_cut_off', 'never'],
    ['a published text', new RecitationError('x'), 'analysis_recitation', 'never'],
    ['a language', new LanguageError('x'), 'analysis_language', 'never'],
    ['no answer in time', new CallTimeoutError(), 'analysis_timeout', 'call'],
    ['a local model that died', new UnavailableError('x'), 'analysis_unavailable', 'call'],
    ['a missing local model', new RejectedError('x'), 'analysis_rejected', 'never'],
    ['a body cut off', new SyntaxError('Unexpected end'), 'analysis_invalid_output', 'never'],
    ['no candidates', plugin('No valid candidates returned.'), 'analysis_invalid_output', 'never'],
    ['Genkit’s validator', plugin('Schema validation failed.'), 'analysis_invalid_output', 'never'],
    ['no such model', plugin('Model x not found'), 'analysis_rejected', 'never'],
    ['no key', plugin('Please pass in the API key'), 'analysis_rejected', 'never'],
    ['network', new Error('Failed to fetch from x: reset'), 'analysis_unavailable', 'call'],
    ['no login', new Error('\nUnable to authenticate your request'), 'analysis_no_access', 'later'],
    ['500', apiError(500), 'analysis_unavailable', 'call'],
    ['500 whose body says 200', lying(500, 200), 'analysis_unavailable', 'call'],
    ['500 whose body says 404', lying(500, 404), 'analysis_unavailable', 'call'],
    [
      'an answer that began well, with an error of 200',
      lying(0, 200),
      'analysis_rejected',
      'never',
    ],
    ['502', apiError(502), 'analysis_unavailable', 'call'],
    ['503', apiError(503), 'analysis_unavailable', 'call'],
    ['504', apiError(504), 'analysis_timeout', 'call'],
    ['520', apiError(520), 'analysis_unavailable', 'call'],
    ['529', apiError(529), 'analysis_unavailable', 'call'],
    [
      'an event cut off',
      new Error('Failed to parse stream: data: {"can'),
      'analysis_invalid_output',
      'never',
    ],
    [
      'a stream that broke',
      new Error('Error reading from the stream'),
      'analysis_unavailable',
      'call',
    ],
    ['an error in the stream', streamed(503), 'analysis_unavailable', 'call'],
    [
      'a kind of file',
      apiError(400, [], 'Unsupported MIME type: video/x'),
      'unsupported_media_type',
      'never',
    ],
    [
      'a signed URL that was not read',
      apiError(400, [], 'Cannot fetch content from the provided URL.'),
      'analysis_unavailable',
      'call',
    ],
    ['400', apiError(400), 'analysis_rejected', 'never'],
    ['404', apiError(404), 'analysis_rejected', 'never'],
    [
      '404 for a model of the Gemini API',
      apiError(404, [], 'models/x is not found for API version v1beta'),
      'analysis_model_missing',
      'later',
    ],
    [
      '404 for a model of Vertex AI',
      apiError(404, [], 'Publisher Model `projects/p/x` was not found'),
      'analysis_model_missing',
      'later',
    ],
    [
      '404 for a model that is closed to new keys',
      apiError(404, [], 'This model is no longer available to new users.'),
      'analysis_model_missing',
      'later',
    ],
    [
      '404 of a proxy, at an address of a model',
      apiError(404, [], 'Error fetching from https://x/models/y: [404 Not Found] <html>'),
      'analysis_rejected',
      'never',
    ],
    [
      '429 for the monthly spending limit',
      apiError(429, [], 'Your project has exceeded its monthly spending cap.'),
      'analysis_unpaid',
      'later',
    ],
    [
      '429 for an empty balance',
      apiError(429, [], 'Your prepayment credits are depleted. Please go to AI Studio'),
      'analysis_unpaid',
      'later',
    ],
    ['429 of no kind', apiError(429), 'analysis_quota', 'call'],
    [
      '429 with no quota',
      apiError(429, [], 'limit: 0, model: x'),
      'analysis_model_missing',
      'later',
    ],
    ...[
      'Your project has reached its monthly spend limit.',
      'Your project has hit its spend-cap.',
      'Your prepaid balance is empty.',
      'Prepay for more at https://ai.studio.',
      'You have no credits left.',
    ].map((words) => [words, apiError(429, [], words), 'analysis_unpaid', 'later'] as const),
    [
      'the text of a quota of the minute',
      apiError(
        429,
        [],
        'You exceeded your current quota, please check your plan and billing details.',
      ),
      'analysis_quota',
      'call',
    ],
    ...(
      [
        [400, 'API key not valid. Please pass a valid API key.'],
        [400, 'API key expired. Please renew the API key.'],
        [400, 'User location is not supported for the API use.'],
        [401, 'Request had invalid authentication credentials.'],
        [403, 'Your API key was reported as leaked. Please use another API key.'],
        [403, 'Generative Language API has not been used in project 1 before or it is disabled.'],
        [403, "Permission 'aiplatform.endpoints.predict' denied on resource"],
      ] as const
    ).map(
      ([code, words]) => [words, apiError(code, [], words), 'analysis_no_access', 'later'] as const,
    ),
    ...(
      [
        [
          400,
          'The free tier is not available in your country. Please enable billing on your project.',
        ],
        [403, 'This API method requires billing to be enabled.'],
      ] as const
    ).map(
      ([code, words]) => [words, apiError(code, [], words), 'analysis_unpaid', 'later'] as const,
    ),
    ...(
      [
        [403, 'You do not have permission to access the File x or it may not exist.'],
        [403, "Permission 'storage.objects.get' denied on resource"],
      ] as const
    ).map(
      ([code, words]) => [words, apiError(code, [], words), 'analysis_rejected', 'never'] as const,
    ),
    [
      '403 of a proxy',
      new GenkitError({
        status: 'UNKNOWN',
        message: 'Error fetching from https://x/y: [403 x] <html>',
      }),
      'analysis_rejected',
      'never',
    ],
    ['a mistake in our code', new TypeError('x is undefined'), 'internal', 'never'],
    ['not an error', 'oops', 'internal', 'never'],
  ])('%s', (_, error, code, retry) => {
    expect(classifyModelError(error)).toEqual({ code, retry });
  });

  /** The plugin's error for an error after the head of the answer. */
  function streamed(code: number) {
    return new GenkitError({ status: 'UNAVAILABLE', message: 'no', detail: { error: { code } } });
  }

  function plugin(message: string) {
    return new GenkitError({ status: 'FAILED_PRECONDITION', message });
  }

  test('a status is found in the message when the body is not JSON', () => {
    const error = new GenkitError({
      status: 'UNKNOWN',
      message: 'Error fetching from https://x/y: [502 Bad Gateway] <html>',
    });
    expect(classifyModelError(error).code).toBe('analysis_unavailable');
  });
});

describe('how long to wait', () => {
  test.each([
    ['RetryInfo in whole seconds', apiError(429, [retryInfo('34s')]), 34_000],
    ['RetryInfo in fractions', apiError(429, [retryInfo('20.04466179s')]), 20_045],
    ['RetryInfo of an outage', apiError(503, [retryInfo('5s')]), 5_000],
    ['Retry-After', apiError(429, [], 'no', 7_000), 7_000],
    ['RetryInfo before Retry-After', apiError(429, [retryInfo('3s')], 'no', 7_000), 3_000],
    ['Retry-After of three thousand years', apiError(429, [], 'no', 99_999_999_999_999_000), HOUR],
    ['RetryInfo of years', apiError(503, [retryInfo('99999999s')]), HOUR],
    ['Retry-After of a day', apiError(503, [], 'no', 24 * HOUR), HOUR],
    ['RetryInfo without an end', apiError(503, [retryInfo(`${'9'.repeat(400)}s`)]), HOUR],
    ['RetryInfo of a time ago', apiError(503, [retryInfo('-5s')]), undefined],
    ['Retry-After of a time ago', apiError(503, [], 'no', -DAY_AGO), 0],
    ['Retry-After that is no number', apiError(503, [], 'no', Number.NaN), undefined],
    ['Retry-After without an end', apiError(503, [], 'no', NEVER), undefined],
    ['a delay that cannot be read', apiError(429, [retryInfo('soon')]), undefined],
    ['per minute', apiError(429, [quota('PerMinutePerProject'), retryInfo('9s')]), 9_000],
  ])('%s', (_, error, retryAfterMs) => {
    const { retry, ...rest } = classifyModelError(error);
    expect([retry, rest.retryAfterMs]).toEqual(['call', retryAfterMs]);
  });

  test('a new project is ready in a few minutes', () => {
    const message = 'Service agents are being provisioned. Please try again in a few minutes.';
    expect(classifyModelError(apiError(400, [], message))).toEqual({
      code: 'analysis_unavailable',
      retry: 'later',
      retryAfterMs: 180_000,
    });
  });

  test.each([
    ['summer', '2026-07-01T20:30:00Z', '2026-07-02T07:00:00.000Z'],
    ['winter', '2026-01-31T07:59:59Z', '2026-01-31T08:00:00.000Z'],
    ['midnight itself', '2026-01-31T08:00:00Z', '2026-02-01T08:00:00.000Z'],
  ])('a day’s quota is back at midnight Pacific time: %s', (_, at, expected) => {
    const now = Date.parse(at);
    const error = apiError(429, [
      quota('RequestsPerMinutePerProject', 'RequestsPerDayPerProject'),
      retryInfo('20s'),
    ]);
    const { code, retry, retryAfterMs = 0 } = classifyModelError(error, now);
    expect([code, retry]).toEqual(['analysis_quota', 'later']);
    expect(new Date(now + retryAfterMs).toISOString()).toBe(expected);
  });
});
