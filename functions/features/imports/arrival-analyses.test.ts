import { expect, test } from '@jest/globals';
import { refuseArrivalAnalyses } from './arrival-analyses.ts';
import { arrivalRulesSchema } from './arrival-rules.ts';

const check = (analyses: string[], ANALYSIS_MODEL: string) => () => {
  const rules = [{ bucket: 'shop', owner: 'app', analyses }];
  const IMPORT_NEW_OBJECTS = arrivalRulesSchema.parse(JSON.stringify(rules));
  refuseArrivalAnalyses({ IMPORT_NEW_OBJECTS, ANALYSIS_MODEL });
};

test.each([
  ['nothing', 'vertexai/gemini-3.5-flash-lite', 'IMPORT_NEW_OBJECTS.0.analyses: "nothing" is not'],
  ['receipt', 'local/facts', '"receipt" is not offered'],
  ['ask', 'vertexai/gemini-3.5-flash-lite', '"ask" needs question, which nobody gives'],
])('%s with %s is refused at the start', (name, model, said) => {
  expect(check(['describe', name], model)).toThrow(said);
});

test('what can be made is not', () => {
  expect(check(['describe', 'receipt'], 'local/vision')).not.toThrow();
});
