/** What becomes of a media, by how the model answers: one table, for each way to reach one. */

import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnalysisNote } from '@media-analysis/shared/analytics';
import type { ErrorCode } from '@media-analysis/shared/errors';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import {
  type AnalyzeInput,
  type Analyzer,
  createAnalyzer,
} from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import { ASK, answerRows, DESCRIBE, OWN, type Subject } from '../../support/answer-rows.ts';
import {
  type Reply,
  type RunningGemini,
  replies,
  startGemini,
} from '../../support/gemini-server.ts';
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
import { redirectVertex } from '../../support/vertex.ts';

/** Short where no answer comes, and else longer than any machine takes. */
const callTimeoutMs = (row: Row<Reply>) => (row.reply === replies.hang ? 500 : HANG_LIMIT_MS);

/** The first event of an answer, and the head of the next one. */
const HALF = `${JSON.stringify({ candidates: [{ content: { parts: [{ text: '{"title":' }] } }] })}\r\n\r\ndata: `;

const TABLE: Record<string, Row<Reply>> = {
  'an answer': { reply: replies.good, outcome: 'completed' },
  'a slow answer': { reply: () => replies.slow(50), outcome: 'completed' },
  'a confidence in percent': understood(
    { objects: [{ label: 'boat', confidence: '95', box_2d: null }] },
    { objects: [{ label: 'boat', confidence: 0.95, box: null }] },
  ),
  'a box in thousandths': understood(
    { objects: [{ label: 'boat', confidence: 1, box_2d: [200, 100, 600, 1_007] }] },
    { objects: [{ box: { x: 0.1, y: 0.2, width: 0.9, height: 0.4 } }] },
  ),
  'a box in fractions': understood(
    { objects: [{ label: 'boat', confidence: 1, box_2d: [0.2, 0.1, 0.6, 0.4] }] },
    { objects: [{ box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } }] },
  ),
  'a box in pixels': understood(
    { objects: [{ label: 'boat', confidence: 1, box_2d: [0, 0, 1_080, 1_920] }] },
    { objects: [{ box: null }] },
  ),
  'a number in words': understood({ people_count: '2' }, { people_count: 2 }),
  'a verdict with a capital letter': understood(
    { safety: { verdict: 'Safe', categories: [] } },
    { safety: { verdict: 'safe' } },
  ),
  'an empty title': understood(
    { title: '', summary: 'Two boats. It is dusk.' },
    { title: 'Two boats' },
  ),

  'an answer that is whole, with blanks up to the token limit': {
    reply: replies.blanksToTheLimit,
    outcome: 'completed',
  },

  'the token limit': lessened(replies.cutOff, 'shortened', 'analysis_cut_off', /one answer/),
  'the token limit, reached by thinking': lessened(
    replies.onlyThoughts,
    'shortened',
    'analysis_cut_off',
    /one answer/,
  ),
  'an answer without an end': {
    ...lessened(replies.endless, 'shortened', 'analysis_cut_off', /one answer/),
    isUncounted: true,
  },
  'a published text': lessened(
    () => replies.brokenOff('RECITATION'),
    'text_left_out',
    'analysis_recitation',
    /published text/,
  ),

  'a quota of the minute, back soon': outlasted(
    () => replies.quotaPerMinute('34.5s'),
    'analysis_quota',
  ),
  'a quota with Retry-After': outlasted(() => replies.retryAfter(7), 'analysis_quota'),
  'a quota of the minute, back too late': rescheduled(() => replies.quotaPerMinute('400s')),
  'a quota of the day': rescheduled(replies.quotaPerDay),
  'no such model': rescheduled(replies.noSuchModel, 'analysis_model_missing'),
  'a model closed to new keys': rescheduled(replies.closedToNewKeys, 'analysis_model_missing'),
  'nothing left to spend this month': rescheduled(replies.spendCap, 'analysis_unpaid'),
  'an empty prepaid balance': rescheduled(replies.emptyBalance, 'analysis_unpaid'),
  'a quota of nothing': rescheduled(replies.quotaOfNothing, 'analysis_model_missing'),
  'a key that is refused': rescheduled(replies.invalidKey, 'analysis_no_access'),
  'a right that is missing': rescheduled(replies.forbidden, 'analysis_no_access'),
  'no billing': rescheduled(replies.noBilling, 'analysis_unpaid'),

  '500': outlasted(replies.internal, 'analysis_unavailable'),
  '500 whose body says 200': outlasted(replies.bodyOfSuccess, 'analysis_unavailable'),
  '500 without an end': outlasted(replies.endlessError, 'analysis_unavailable'),
  '502 in HTML': outlasted(replies.badGateway, 'analysis_unavailable'),
  '503': outlasted(replies.unavailable, 'analysis_unavailable'),
  '504': outlasted(replies.deadlineExceeded, 'analysis_timeout'),
  'a page of a proxy, with status 200': outlasted(replies.html, 'analysis_unavailable'),
  'JSON of another service': outlasted(replies.otherJson, 'analysis_unavailable'),
  'no answer in time': outlasted(replies.hang, 'analysis_timeout'),
  'a broken connection': outlasted(replies.reset, 'analysis_unavailable'),
  'a connection broken in the middle of the answer': outlasted(replies.cut, 'analysis_unavailable'),

  'an answer that ends too soon': {
    ...twice(replies.brokenBody, /it cannot be read/),
    isUncounted: true,
  },
  'no candidates': twice(replies.noCandidates, /it cannot be read/),
  'more letters than a title may have': understood(
    { title: 'x'.repeat(200_000) },
    { title: 'x'.repeat(200) },
  ),
  'a confidence that is no number': understood(
    {
      people_count: 'NaN',
      objects: [
        { label: 'a', confidence: 'NaN' },
        { label: 'b', confidence: 1 },
      ],
    },
    { people_count: null, objects: [{ label: 'b' }] },
  ),
  'no tags': twice(() => replies.answer({ tags: undefined }), /“tags” is missing/),

  'an overload in the stream': outlasted(
    () => replies.failing(replies.unavailable()),
    'analysis_unavailable',
  ),
  'an overload in the middle of the answer': outlasted(
    () => replies.failing(replies.unavailable(), HALF),
    'analysis_unavailable',
  ),
  'an empty balance in the stream': rescheduled(
    () => replies.failing(replies.emptyBalance()),
    'analysis_unpaid',
  ),

  'a blocked prompt': failed(replies.blockedPrompt, 'analysis_blocked'),
  ...Object.fromEntries(
    ['SAFETY', 'PROHIBITED_CONTENT', 'SPII', 'BLOCKLIST', 'IMAGE_SAFETY'].map((reason) => [
      `an answer broken off for ${reason}`,
      failed(() => replies.brokenOff(reason), 'analysis_blocked', /safety rules/),
    ]),
  ),
  'a language that it does not write': failed(
    () => replies.brokenOff('LANGUAGE'),
    'analysis_language',
    /another one, such as English/,
  ),
  'an answer broken off for no reason': twice(() => replies.brokenOff('OTHER'), /it is empty/),
  'a new project': rescheduled(replies.provisioning, 'analysis_unavailable'),
  'an address that was not read': outlasted(replies.urlNotFetched, 'analysis_unavailable'),
  'a kind of file that it does not take': failed(replies.unsupportedKind, 'unsupported_media_type'),
  '400': failed(replies.invalidArgument, 'analysis_rejected'),
  '404': failed(replies.notFound, 'analysis_rejected'),
};

function understood(changes: object, analytics: object): Row<Reply> {
  return { reply: () => replies.answer(changes), outcome: 'completed', analytics };
}

function lessened(
  reply: () => Reply,
  note: AnalysisNote,
  code: ErrorCode,
  words: RegExp,
): Row<Reply> {
  const text = note === 'text_left_out' ? null : 'harbour';
  return { reply, outcome: 'twice', code, words, analytics: { notes: [note], text } };
}

let gemini: RunningGemini;
let undo: () => Promise<void>;
let input: AnalyzeInput;
beforeAll(async () => {
  gemini = await startGemini();
  undo = await redirectVertex(gemini.url);
  const bytes = await readFile(new URL('../../photos/02-cat.png', import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, 'cat.png');
  input = {
    facts,
    contentType,
    preview: preview?.bytes ?? null,
    fileName: 'cat.png',
    language: 'en',
  };
});
afterEach(() => gemini.reset());
afterAll(async () => {
  await undo();
  await gemini.close();
});

const MODELS: Record<string, (callTimeoutMs?: number, name?: string) => Analyzer> = {
  googleai: (callTimeoutMs = HANG_LIMIT_MS, name = EXAMPLE_GEMINI) =>
    createAnalyzer({
      model: `googleai/${name}`,
      geminiApiKey: 'key',
      baseUrl: gemini.url,
      callTimeoutMs,
    }),
  vertexai: (callTimeoutMs = HANG_LIMIT_MS, name = EXAMPLE_GEMINI) =>
    createAnalyzer({
      model: `vertexai/${name}`,
      project: 'demo',
      location: 'global',
      callTimeoutMs,
    }),
};

/** Both read an answer in the same way. */
const SUBJECTS: Record<string, Subject[]> = { googleai: [DESCRIBE, ASK], vertexai: [OWN] };

const server = () => ({
  ...gemini,
  texts: () => gemini.requests.map(({ text }) => text),
});

describe.each(Object.entries(MODELS))('%s', (provider, create) => {
  test.each(Object.entries(TABLE))('%s', async (_title, row) => {
    await expectOutcome({ row, analyzer: create(callTimeoutMs(row)), input, server: server() });
  });

  describe.each(SUBJECTS[provider] ?? [])('$title, if the model answers with', (subject) => {
    test.each(Object.entries(answerRows(subject, replies.written)))('%s', async (_title, row) => {
      await expectOutcome({
        row,
        analyzer: create(),
        input,
        server: server(),
        asked: subject.asked,
      });
    });

    test('half of it, at the token limit', async () => {
      const row: Row<Reply> = {
        reply: replies.cutOff,
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

  test.each([
    [EXAMPLE_GEMINI, 'MINIMAL'],
    ['gemini-3.8-flash', 'LOW'],
    ['gemini-9-flash', 'LOW'],
  ])('%s is asked to think %s, and both together to end', async (name, thinkingLevel) => {
    await create(undefined, name).analyze(input, options());
    expect(gemini.requests[0]?.body.generationConfig).toMatchObject({
      thinkingConfig: { thinkingLevel },
      maxOutputTokens: 16_384,
      mediaResolution: 'MEDIA_RESOLUTION_HIGH',
    });
  });

  test('after the token limit a short answer is asked for, and nothing else after that', async () => {
    gemini.enqueue(replies.cutOff(), replies.brokenOff('RECITATION'));
    await expect(create().analyze(input, options())).rejects.toMatchObject({
      code: 'analysis_recitation',
    });
    const asked = gemini.requests.map(({ body }) => ({
      isBrief: body.systemInstruction?.parts[0]?.text?.includes('Be brief') ?? false,
      fields: Object.keys(body.generationConfig?.responseJsonSchema?.properties ?? {}),
    }));
    expect(asked.map(({ isBrief }) => isBrief)).toEqual([false, true]);
    expect(asked.map(({ fields }) => fields.includes('text'))).toEqual([true, true]);
  });

  test('a note goes along with what is written about the same picture again', async () => {
    gemini.enqueue(replies.cutOff());
    const analyzer = create();
    const { analytics } = await analyzer.analyze(input, options());
    expect(analyzer.reuse(input, analytics)?.analytics).toEqual(analytics);
    expect(analytics.notes).toEqual(['shortened']);
  });

  test('what was thought about and not answered is on the receipt', async () => {
    gemini.enqueue(replies.onlyUsage());
    const { usage } = await create().analyze(input, options());
    expect(usage).toMatchObject({ attempts: 2, input_tokens: 800, output_tokens: 1_020 });
  });

  test('a call without an end counts, so an answer that cannot be used after it is the last one', async () => {
    gemini.enqueue(replies.cut(), replies.wrongSchema());
    const failed = create().analyze(input, options());
    await expect(failed).rejects.toMatchObject({ code: 'analysis_invalid_output' });
    expect(gemini.requests).toHaveLength(2);
  });

  test('a second question has no retries of its own', async () => {
    const { unavailable, wrongSchema } = replies;
    gemini.enqueue(unavailable(), unavailable(), unavailable(), wrongSchema(), unavailable());
    await expect(create().analyze(input, options())).rejects.toMatchObject({
      code: 'analysis_unavailable',
    });
    expect(gemini.requests).toHaveLength(5);
  });

  test('a call that was refused does not count', async () => {
    gemini.enqueue(replies.unavailable(), replies.wrongSchema(), replies.unavailable());
    const { usage } = await create().analyze(input, options());
    expect(usage.attempts).toBe(4);
  });

  test('what an earlier delivery may have paid for counts: a worker may have died before it could say so', async () => {
    gemini.enqueue(replies.wrongSchema());
    const failed = create().analyze(input, { ...options(), callsBefore: 1 });
    await expect(failed).rejects.toMatchObject({
      code: 'analysis_invalid_output',
      message: expect.not.stringContaining('twice'),
    });
    expect(gemini.requests).toHaveLength(1);
  });
});
