/**
 * `npm run eval [-- --photos DIR] [-- --model MODEL]`: how right a model is about photos of which a person
 * has said what they show. Gemini models need their variables, as the worker does.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Usage } from '@media-analysis/shared/analytics';
import { type Analyzer, createAnalyzer } from '../../functions/analysis/index.ts';
import { profileOf } from '../../functions/analysis/profiles.ts';
import { inspectMedia } from '../../functions/inspect/index.ts';
import { type Label, LabelsError, readLabels } from './labels.ts';
import { printReport, type Row } from './report.ts';
import { scoreOf } from './score.ts';
import { visionMemoryMb } from './vision-memory.ts';

const OWN_PHOTOS = fileURLToPath(new URL('../photos', import.meta.url));
const CALL_BUDGET_MS = 240_000;

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: OWN_PHOTOS },
    model: { type: 'string', default: process.env.ANALYSIS_MODEL || 'local/vision' },
  },
});

try {
  const labels = await readLabels(values.photos);
  const analyzer = createAnalyzer({
    model: values.model,
    geminiApiKey: process.env.GEMINI_API_KEY,
    baseUrl: process.env.GEMINI_BASE_URL,
    project: process.env.GOOGLE_CLOUD_PROJECT,
    location: process.env.VERTEX_LOCATION,
  });
  const rows: Row[] = [];
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  for (const [name, label] of labels) {
    rows.push(await evaluate(analyzer, name, label));
    // The first photo loads Genkit, which stalls whoever loads it.
    stalls.enable();
  }
  stalls.disable();
  printReport(values.model, rows, { stallMs: stalls.max / 1e6, memoryMb: visionMemoryMb() });
  if (rows.some(({ error }) => error !== null)) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof LabelsError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

/** As the worker does it: what leaves for the model is the preview. */
async function evaluate(analyzer: Analyzer, name: string, label: Label): Promise<Row> {
  try {
    const bytes = await readFile(join(values.photos, name));
    const previewMaxSide = profileOf(values.model).previewSide;
    const { facts, preview, contentType } = await inspectMedia(bytes, name, { previewMaxSide });
    const { analytics, usage } = await analyzer.analyze(
      {
        ...{ facts, contentType, preview: preview?.bytes ?? null, fileName: name },
        language: label.language,
      },
      { signal: new AbortController().signal, deadline: Date.now() + CALL_BUDGET_MS },
    );
    return { name, score: scoreOf(analytics, label), usage: usage satisfies Usage, error: null };
  } catch (error) {
    return {
      name,
      score: null,
      usage: null,
      error: explain(error),
    };
  }
}

/** With the cause, which a sender of a file is not told. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${explain(error.cause)})`;
}
