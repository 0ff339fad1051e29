import { describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { ANALYSES } from '../../analysis/catalog/analyses.ts';
import { checkChosen, chosenAnalyses, listAnalyses, readAsked } from './analyses.ts';

const GEMINI = 'googleai/gemini-3.5-flash-lite';

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('which analyses new media get', () => {
  test.each([
    [undefined, ['describe']],
    ['receipt', ['receipt']],
    [' receipt , describe,receipt', ['describe', 'receipt']],
  ])('%j: %j', (text, names) => {
    expect(chosenAnalyses(text, GEMINI)).toEqual(names);
  });

  test.each([
    ['', 'invalid_request: analyses.0: must be the name of an analysis'],
    ['describe,../x', 'invalid_request: analyses.1: must be the name of an analysis'],
    ['prices', 'not_found: There is no analysis "prices". There are: alt-text, ask,'],
    ['ask', 'invalid_request: analyses: "ask" needs question. Ask for it when the file is stored'],
  ])('%j is refused', (text, message) => {
    expect(codeOf(() => chosenAnalyses(text, GEMINI))).toContain(message);
  });

  test('what the model cannot make is refused', () => {
    expect(codeOf(() => checkChosen(['receipt'], 'local/facts'))).toBe(
      'analysis_not_offered: "receipt" needs a model that follows instructions, and this service has local/facts.',
    );
    expect(checkChosen(['receipt'], 'local/vision')).toEqual(['receipt']);
  });
});

describe('what a caller gives for one analysis', () => {
  test('nothing where nothing is needed', () => {
    expect(readAsked('receipt', undefined, GEMINI)).toEqual({ name: 'receipt', input: {} });
  });

  test('a question', () => {
    const body = { input: { question: 'Where is it?' } };
    expect(readAsked('ask', body, GEMINI)).toEqual({ name: 'ask', ...body });
  });

  test.each([
    ['no question', {}, 'question'],
    ['an empty one', { input: { question: ' ' } }, 'input.question: is empty.'],
    ['a number', { input: { question: 7 } }, 'input.question'],
    ['a very long one', { input: { question: 'x'.repeat(2_001) } }, 'question'],
    ['something else besides', { input: { question: 'Why?', video: true } }, 'input'],
    ['something beside the input', { question: 'Why?' }, 'question'],
  ])('%s is refused', (_what, body, message) => {
    const code = codeOf(() => readAsked('ask', body, GEMINI));
    expect(code).toMatch(/^invalid_request: /);
    expect(code).toContain(message);
  });
});

test('the list says what the model of the service can make', () => {
  const offered = (model: string) =>
    listAnalyses(model)
      .filter((analysis) => analysis.offered)
      .map(({ name }) => name);
  expect(offered(GEMINI)).toEqual(ANALYSES.map(({ name }) => name));
  expect(offered('local/vision')).toEqual(['alt-text', 'describe', 'receipt']);
  expect(offered('local/facts')).toEqual(['describe']);
});
