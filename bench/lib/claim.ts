/** What a claim measures and how a result row is built. */
import { z } from 'zod';
import { median } from './stats.ts';
import type { Artefact } from './units.ts';

/** The values of all repeats: the median counts, minimum and maximum show the spread. */
const sampleSchema = z.object({ median: z.number(), min: z.number(), max: z.number() });
export type Sample = z.infer<typeof sampleSchema>;

export const rowSchema = z.object({
  /** What was measured, e.g. "p99". */
  what: z.string(),
  unit: z.string(),
  ours: sampleSchema,
  /** `ratio` compares with the first one. */
  baselines: z.array(z.object({ name: z.string(), value: sampleSchema })),
  /** A bound that no implementation can beat. */
  limit: z.object({ name: z.string(), value: z.number() }).nullable(),
  /** Our value divided by the first baseline's. */
  ratio: z.number().nullable(),
  target: z.string(),
  holds: z.boolean(),
});
export type Row = z.infer<typeof rowSchema>;

export interface RunOptions {
  /** A small run that checks that the bench works. Its numbers mean nothing. */
  quick: boolean;
  artefact: Artefact;
  repeats: number;
  /** Reports progress. */
  say(line: string): void;
}

export interface Claim {
  name: string;
  title: string;
  /** The product is measured as a whole, on all cores, because server and load cannot be separated. */
  whole?: boolean;
  /**
   * One run is enough, whatever `--repeats` says: the claim repeats its own measurements, or counts what
   * does not vary.
   */
  once?: boolean;
  /** Why a target may be missed, by the `what` of its row. */
  reasons?: Record<string, string>;
  run(options: RunOptions): Promise<{ setup: string; rows: Row[] }>;
}

function sample(values: readonly number[]): Sample {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** A target for the value itself, or for its ratio to the first baseline (`×`). */
type Target =
  | { of: 'value' | 'ratio'; atMost: number }
  | { of: 'value' | 'ratio'; atLeast: number };

interface Measured {
  what: string;
  unit: string;
  ours: readonly number[];
  baselines?: { name: string; values: readonly number[] }[];
  limit?: { name: string; value: number };
  targets: Target[];
}

export function row({ what, unit, ours, baselines = [], limit, targets }: Measured): Row {
  const own = sample(ours);
  const others = baselines.map(({ name, values }) => ({ name, value: sample(values) }));
  const reference = others[0];
  const ratio = reference ? own.median / reference.value.median : null;
  const meets = (target: Target) => {
    const value = target.of === 'ratio' ? (ratio ?? Number.NaN) : own.median;
    return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
  };
  return {
    what,
    unit,
    ours: own,
    baselines: others,
    limit: limit ?? null,
    ratio,
    target: targets.map((target) => tell(target, unit)).join(', '),
    holds: targets.every(meets),
  };
}

function tell(target: Target, unit: string): string {
  const [sign, number] =
    'atMost' in target ? ['≤', target.atMost] : (['≥', target.atLeast] as const);
  return `${sign} ${number} ${target.of === 'ratio' ? '×' : unit}`.trimEnd();
}
