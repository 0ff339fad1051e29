/** All results of one model together: the scores, what they took, and the JSON of `--json`. */
import type { AnalysisName, PhotoResult, Run } from './evaluate.ts';
import { type Estimate, estimate, type Judged, MEASURES, seededRandom } from './statistics.ts';

interface Resources {
  /** The longest that the event loop of the caller stood still. */
  stallMs: number;
  /** Of the process that the networks are in; null: there is none. */
  memoryMb: number | null;
}

export interface ModelResult {
  model: string;
  analysis: AnalysisName;
  photos: PhotoResult[];
  resources: Resources;
}

type Answered = Extract<Run, { error: null }>;

export const answeredRuns = ({ runs }: PhotoResult): Answered[] =>
  runs.filter((run) => run.error === null);

export interface Summary {
  /** By the names of `MEASURES`; null: nothing to measure. */
  scores: Record<string, Estimate | null>;
  runs: number;
  failures: number;
  judgeFailures: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars for a thousand photos; null: the price is not known. */
  usdPerThousand: number | null;
  judgeUsd: number | null;
  medianS: number;
  slowestS: number;
}

export function summarize({ photos }: Pick<ModelResult, 'photos'>): Summary {
  const runs = photos.flatMap(({ runs }) => runs);
  const answered = photos.flatMap(answeredRuns);
  const seconds = answered.map(({ usage }) => usage.duration_ms / 1_000).sort((a, b) => a - b);
  const mean = (pick: (run: Answered) => number) =>
    answered.reduce((sum, run) => sum + pick(run), 0) / Math.max(1, answered.length);
  const isPriced = answered.every(({ usage }) => usage.cost_usd !== null);
  const judged = answered.flatMap(({ judged }) => judged ?? []);
  return {
    scores: Object.fromEntries(MEASURES.map(({ name, part }) => [name, scoreOf(photos, part)])),
    runs: runs.length,
    failures: runs.length - answered.length,
    judgeFailures: answered.filter(({ judgeError }) => judgeError !== null).length,
    inputTokens: mean(({ usage }) => usage.input_tokens),
    outputTokens: mean(({ usage }) => usage.output_tokens),
    usdPerThousand: isPriced ? 1_000 * mean(({ usage }) => usage.cost_usd ?? 0) : null,
    judgeUsd: judged.every(({ cost_usd }) => cost_usd !== null)
      ? judged.reduce((sum, { cost_usd }) => sum + (cost_usd ?? 0), 0)
      : null,
    medianS: seconds[Math.floor(seconds.length / 2)] ?? 0,
    slowestS: seconds.at(-1) ?? 0,
  };
}

/** The repeats of a photo count as one photo: they are no further evidence about other photos. */
function scoreOf(photos: PhotoResult[], part: (typeof MEASURES)[number]['part']) {
  const parts = photos.map((photo) => {
    const judged: Judged[] = answeredRuns(photo).map((run) => ({
      score: run.score,
      label: photo.label,
      judgement: run.judged?.judgement ?? null,
    }));
    const counting = judged.map(part).filter((each) => each !== null);
    if (counting.length === 0) return null;
    return {
      sum: counting.reduce((all, { sum }) => all + sum, 0) / counting.length,
      of: counting.reduce((all, { of }) => all + of, 0) / counting.length,
    };
  });
  return estimate(parts, seededRandom());
}
