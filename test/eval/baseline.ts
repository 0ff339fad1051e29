/** Compares a result with an earlier one, photo by photo: `--baseline` and `--save-baseline`. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ANALYSES, type PhotoResult } from './evaluate.ts';
import { UsageError } from './labels.ts';
import { answeredRuns, type ModelResult } from './results.ts';

const photoSchema = z.strictObject({
  /** Of the expected things. */
  found: z.number(),
  /** Objects stated that are not there. */
  wrong: z.number(),
  /** Words that were read and are not there; null: not judged. */
  invented: z.number().nullable(),
  /** Share of the written words that were read; null: not judged. */
  words: z.number().nullable(),
  /** Share of the written characters. */
  characters: z.number().nullable(),
  people_off: z.number().nullable(),
  /** 1 if the receipt's total is right. */
  total: z.number().nullable(),
});
/** Of the analysis `receipt`; null where there is no receipt. */
const receiptSchema = z.strictObject({
  rows: z.number(),
  /** Values stated that are not there. */
  wrong: z.number(),
  total: z.number().nullable(),
  currency: z.number().nullable(),
  date: z.number().nullable(),
});
type PhotoScores = Partial<Record<string, number | null>>;

const baselineSchema = z.strictObject({
  model: z.string(),
  analyses: z.partialRecord(
    z.enum(ANALYSES),
    z.record(z.string(), z.union([photoSchema, receiptSchema])),
  ),
});
export type Baseline = z.infer<typeof baselineSchema>;

/**
 * How much worse a photo may be. Counts may not get worse at all; shares may by this much, because the networks do not
 * calculate the same on each processor.
 */
export const TOLERANCE = { words: 0.05, characters: 0.05 };

/** What is better if it is higher, and by how much it may fall. */
const HIGHER = {
  found: 0,
  words: TOLERANCE.words,
  characters: TOLERANCE.characters,
  total: 0,
  rows: 0,
  currency: 0,
  date: 0,
};
const LOWER = ['wrong', 'invented', 'people_off'] as const;

/** @param results Of one model. */
export function baselineOf(results: readonly ModelResult[]): Baseline {
  const analyses = results.map(({ analysis, photos }) => {
    const scores = photos.flatMap((photo) => {
      const all = scoresOf(photo);
      return all ? [[photo.photo, all] as const] : [];
    });
    return [analysis, Object.fromEntries(scores)] as const;
  });
  return baselineSchema.parse({
    model: results[0]?.model,
    analyses: Object.fromEntries(analyses),
  });
}

function scoresOf(photo: PhotoResult): PhotoScores | undefined {
  const scores = answeredRuns(photo).map(({ score }) => score);
  if (scores.length === 0) return undefined;
  const mean = (pick: (score: (typeof scores)[number]) => number | null) => {
    const values = scores.map(pick).filter((value) => value !== null);
    if (values.length === 0) return null;
    return round(values.reduce((sum, value) => sum + value, 0) / values.length);
  };
  if (scores[0]?.receipt) {
    return {
      rows: mean(({ receipt }) => receipt?.rows ?? 0),
      wrong: mean(({ receipt }) => receipt?.wrong.length ?? 0),
      ...Object.fromEntries(
        (['total', 'currency', 'date'] as const).map((name) => [
          name,
          mean(({ receipt }) =>
            typeof receipt?.[name] === 'boolean' ? Number(receipt[name]) : null,
          ),
        ]),
      ),
    };
  }
  return {
    found: mean(({ found }) => found) ?? 0,
    wrong: mean(({ wrong }) => wrong.length) ?? 0,
    invented: mean(({ invented }) => invented?.length ?? null),
    words: mean(({ text }) => text && text.words / text.writtenWords),
    characters: mean(({ text }) => text?.characters ?? null),
    people_off: mean(({ peopleError }) => peopleError),
    total: mean(({ isTotalRight }) => (isTotalRight === null ? null : Number(isTotalRight))),
  };
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;

/** @throws UsageError that says what is wrong with the file. */
export async function readBaseline(path: string): Promise<Baseline> {
  try {
    return baselineSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new UsageError(`${path} is not a baseline:\n${reason}`);
  }
}

/** @returns a line for each photo that got worse; photos that are not in the baseline do not count */
export function fallsFrom(baseline: Baseline, result: ModelResult): string[] {
  return result.photos.flatMap((photo) => {
    const before: PhotoScores | undefined = baseline.analyses[result.analysis]?.[photo.photo];
    if (!before) return [];
    const now = scoresOf(photo);
    if (!now) return [`${photo.photo}: was not analysed`];
    const worse = [
      ...Object.entries(HIGHER)
        .filter(([name, may]) => {
          const score = before[name] ?? null;
          return score !== null && (now[name] ?? 0) < score - may;
        })
        .map(([name]) => change(name, before, now)),
      ...LOWER.filter((name) => (now[name] ?? 0) > (before[name] ?? 0)).map((name) =>
        change(name, before, now),
      ),
    ];
    const what = result.analysis === 'describe' ? '' : ` (${result.analysis})`;
    return worse.length > 0 ? [`${photo.photo}${what}: ${worse.join(', ')}`] : [];
  });
}

const change = (name: string, before: PhotoScores, now: PhotoScores) =>
  `${name} ${before[name] ?? 'none'} → ${now[name] ?? 'none'}`;
