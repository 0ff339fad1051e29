/**
 * The evaluation for Genkit's own tools: a flow that describes a photo, and an evaluator that scores the answer. How to call
 * it is in `docs/evaluation.md`.
 */
import { modelOutputSchema } from '@media-analysis/shared/analytics';
import { defineAnalysisFlow } from '../../functions/analysis/flow.ts';
import { loadGenkit } from '../../functions/analysis/genkit.ts';
import { createAnalyzer } from '../../functions/analysis/index.ts';
import { modelConfigOf } from '../../functions/analysis/model-config.ts';
import { createQuestions } from '../../functions/analysis/question.ts';
import { loadProviderSettings } from '../../functions/analysis/settings.ts';
import { sendTraces } from '../../local/dev/genkit-traces.ts';
import { photoInputSchema } from './dataset.ts';
import { CALL_BUDGET_MS, Evaluation } from './evaluate.ts';
import { OWN_PHOTOS, readLabels } from './labels.ts';
import { type Score, scoreOf } from './score.ts';

const model = process.env.ANALYSIS_MODEL || 'local/vision';
const folder = process.env.EVAL_PHOTOS || OWN_PHOTOS;
const config = modelConfigOf(loadProviderSettings());
const labels = await readLabels(folder);

sendTraces();
const ai = await loadGenkit([model], config);
const flow = defineAnalysisFlow(ai, createQuestions());
// The analyzer must not load a Genkit of its own: the tools would talk to that one, which has no evaluator.
const analyzer = createAnalyzer({
  model,
  callTimeoutMs: CALL_BUDGET_MS,
  ...config,
  loadFlow: async () => flow,
});
const evaluation = new Evaluation(analyzer, folder);

ai.defineFlow('describePhoto', async (input: unknown) => {
  const { photo, language } = photoInputSchema.parse(input);
  return (await evaluation.analyse(photo, language)).answer;
});

ai.defineEvaluator(
  {
    name: 'photos',
    displayName: 'What a person saw in the photo',
    definition: 'Compares things, words, people and totals with the labels of test/photos.',
    isBilled: false,
  },
  async ({ testCaseId = '', input, output }) => {
    const { photo } = photoInputSchema.parse(input);
    const label = labels.get(photo);
    if (!label) throw new Error(`labels.json does not say what ${photo} shows.`);
    // The flow failed: why is in its trace.
    if (output === undefined) {
      return { testCaseId, evaluation: { error: 'no answer', status: verdict(false) } };
    }
    const score = scoreOf(modelOutputSchema.parse(output), label);
    return { testCaseId, evaluation: scoresOf(score) };
  },
);

/** Genkit shows a number with a verdict for each. What the photo does not have is left out. */
function scoresOf({ found, expected, wrong, text, invented, isTotalRight }: Score) {
  return [
    share('things found', found, expected),
    none('wrong objects', wrong),
    ...(text ? [share('words', text.words, text.writtenWords)] : []),
    ...(invented ? [none('invented words', invented)] : []),
    ...(isTotalRight === null ? [] : [share('total', Number(isTotalRight), 1)]),
  ];
}

const verdict = (isRight: boolean) => (isRight ? ('PASS' as const) : ('FAIL' as const));

function share(id: string, part: number, all: number) {
  const score = all === 0 ? 1 : part / all;
  return { id, score, status: verdict(part === all), details: { reasoning: `${part} of ${all}` } };
}

function none(id: string, names: string[]) {
  const reasoning = names.join(', ') || 'none';
  return { id, score: names.length, status: verdict(names.length === 0), details: { reasoning } };
}
