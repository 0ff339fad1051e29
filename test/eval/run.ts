/**
 * `npm run eval`: how right models are about photos of which a person has said what they show. What each option does is in
 * `docs/evaluation.md`. Gemini models need their variables, as the worker does.
 */
import { writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { describeMachine } from '../../bench/lib/machine.ts';
import { createAnalyzer } from '../../functions/analysis/index.ts';
import { modelConfigOf } from '../../functions/analysis/model-config.ts';
import { loadProviderSettings } from '../../functions/analysis/settings.ts';
import { issueMessage } from '../../functions/process/issue-messages.ts';
import { ConfigError } from '../../functions/process/settings.ts';
import { baselineOf, fallsFrom, readBaseline, TOLERANCE } from './baseline.ts';
import { datasetOf } from './dataset.ts';
import {
  ANALYSES,
  type AnalysisName,
  CALL_BUDGET_MS,
  Evaluation,
  type PhotoResult,
} from './evaluate.ts';
import { createJudge } from './judge.ts';
import { OWN_PHOTOS, readLabels, UsageError } from './labels.ts';
import { printReport } from './report.ts';
import { type ModelResult, summarize } from './results.ts';
import { visionMemoryMb } from './vision-memory.ts';

const list = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((each) => each.trim()))])
  .pipe(z.array(z.string().min(1)).min(1));

const unmeasured: z.core.$ZodErrorMap = ({ input }) =>
  `"${input}" is none that has labels to compare with: there are ${ANALYSES.join(', ')}`;

const optionsSchema = z.object({
  photos: z.string().default(OWN_PHOTOS),
  models: list,
  analyses: list.pipe(z.array(z.enum(ANALYSES, { error: unmeasured }))).default(['describe']),
  only: list.default([]),
  repeats: z.coerce.number().int().min(1).max(100).default(1),
  judge: z.string().optional(),
  json: z.string().optional(),
  baseline: z.string().optional(),
  'save-baseline': z.string().optional(),
  'save-dataset': z.string().optional(),
});
type Options = z.infer<typeof optionsSchema>;

try {
  const options = readOptions(process.argv.slice(2));
  const baseline = options.baseline === undefined ? null : await readBaseline(options.baseline);
  const photos = await chosenPhotos(options);
  const dataset = options['save-dataset'];
  if (dataset !== undefined) {
    await writeJson(dataset, datasetOf(photos));
    process.exit();
  }
  // One for each model: the networks of `local/vision` take memory, and seconds to load.
  const evaluations = options.models.map((model) => ({
    model,
    evaluation: evaluate(model, options),
  }));
  const results: ModelResult[] = [];
  for (const analysis of options.analyses) {
    for (const { model, evaluation } of evaluations) {
      const measured = await measure(model, evaluation, analysis, photos, options.repeats);
      results.push({ model, analysis, ...measured });
    }
  }
  printReport(results, options.judge);
  if (results.some((result) => summarize(result).failures > 0)) process.exitCode = 1;
  if (options.json !== undefined) await writeJson(options.json, asJson(results, options));
  if (options['save-baseline'] !== undefined) {
    await writeJson(options['save-baseline'], baselineOf(ofOneModel(results)));
  }
  if (baseline) {
    const falls = results
      .filter(({ model, analysis }) => model === baseline.model && baseline.analyses[analysis])
      .map((result) => fallsFrom(baseline, result));
    if (falls.length === 0) {
      const about = [baseline.model, ...Object.keys(baseline.analyses)].join(', ');
      throw new UsageError(`${options.baseline} is about ${about}, which was not asked.`);
    }
    printFalls(falls.flat(), options.baseline);
  }
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

function readOptions(args: string[]): Options {
  try {
    const { model, ...values } = parseArgs({
      args,
      options: {
        // The name of `--models` until 0.2.
        model: { type: 'string' },
        ...Object.fromEntries(
          Object.keys(optionsSchema.shape).map((name) => [name, { type: 'string' as const }]),
        ),
      },
    }).values as Record<string, string | undefined>;
    const models = values.models ?? model ?? (process.env.ANALYSIS_MODEL || 'local/vision');
    const { data, error } = optionsSchema.safeParse({ ...values, models }, { error: issueMessage });
    if (data) return data;
    const lines = error.issues.map(
      ({ path: [name = ''], message }) => `--${String(name)}: ${message}`,
    );
    throw new UsageError(lines.join('\n'));
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

async function chosenPhotos({ photos, only }: Options) {
  const all = [...(await readLabels(photos))];
  const chosen = all.filter(
    ([name]) => only.length === 0 || only.some((part) => name.includes(part)),
  );
  if (chosen.length > 0) return chosen;
  throw new UsageError(`No photo in ${photos} has a name with one of: ${only.join(', ')}`);
}

function evaluate(model: string, { photos: folder, judge }: Options): Evaluation {
  const config = modelConfigOf(loadProviderSettings());
  const asked = judge === undefined ? undefined : createJudge(judge, config);
  const analyzer = createAnalyzer({ model, callTimeoutMs: CALL_BUDGET_MS, ...config });
  return new Evaluation(analyzer, folder, asked);
}

async function measure(
  model: string,
  evaluation: Evaluation,
  analysis: AnalysisName,
  photos: Awaited<ReturnType<typeof chosenPhotos>>,
  repeats: number,
) {
  const results: PhotoResult[] = photos
    .filter(([, { receipt }]) => analysis !== 'receipt' || receipt !== undefined)
    .map(([photo, label]) => ({ photo, label, runs: [] }));
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const { photo, label, runs } of results) {
      runs.push(await evaluation.run(photo, label, analysis));
      // The first photo loads Genkit, which stalls whoever loads it.
      stalls.enable();
    }
  }
  stalls.disable();
  return {
    photos: results,
    resources: {
      stallMs: stalls.max / 1e6,
      memoryMb: model.startsWith('local/') ? visionMemoryMb() : null,
    },
  };
}

function ofOneModel(results: ModelResult[]): ModelResult[] {
  if (new Set(results.map(({ model }) => model)).size === 1) return results;
  throw new UsageError('--save-baseline keeps the result of one model: ask one.');
}

function asJson(results: ModelResult[], { repeats, judge }: Options) {
  return {
    version: 1,
    measured_at: new Date().toISOString(),
    machine: describeMachine(),
    repeats,
    judge: judge ?? null,
    results: results.map((result) => ({
      model: result.model,
      analysis: result.analysis,
      summary: summarize(result),
      resources: result.resources,
      photos: result.photos.map(({ photo, runs }) => ({ photo, runs })),
    })),
  };
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

function printFalls(falls: string[], path: string | undefined): void {
  if (falls.length === 0) {
    console.log(`\nNo photo got worse than in ${path}.`);
    return;
  }
  console.error(`\nWorse than in ${path} (shares by more than ${TOLERANCE.words}):`);
  for (const fall of falls) console.error(`  ${fall}`);
  process.exitCode = 1;
}
