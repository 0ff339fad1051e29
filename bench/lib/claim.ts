/** What a claim measures, and how it is told. */
import { z } from 'zod';
import { median } from './stats.ts';
import type { Artefact } from './units.ts';

/** The values of all repeats: their median counts, and how far apart they lie is told. */
const sampleSchema = z.object({ median: z.number(), min: z.number(), max: z.number() });
export type Sample = z.infer<typeof sampleSchema>;

export const rowSchema = z.object({
  /** What was measured, e.g. "p99". */
  what: z.string(),
  unit: z.string(),
  ours: sampleSchema,
  /** The first one is what `ratio` refers to. */
  baselines: z.array(z.object({ name: z.string(), value: sampleSchema })),
  /** What cannot be surpassed, whoever does it. */
  limit: z.object({ name: z.string(), value: z.number() }).nullable(),
  /** Ours by the first baseline. */
  ratio: z.number().nullable(),
  target: z.string(),
  holds: z.boolean(),
});
export type Row = z.infer<typeof rowSchema>;

export interface RunOptions {
  /** A small run, to see that it works: its numbers say nothing. */
  quick: boolean;
  artefact: Artefact;
  repeats: number;
  /** Tells what is going on. */
  say(line: string): void;
}

export interface Claim {
  name: string;
  title: string;
  /** There is no server apart from its load: the product is measured as a whole, on all cores. */
  whole?: boolean;
  /** It repeats what varies by itself, or counts what does not vary: one run, whatever `--repeats` says. */
  once?: boolean;
  /** Why a target is missed, for each row that may: by `what`. */
  reasons?: Record<string, string>;
  run(options: RunOptions): Promise<{ setup: string; rows: Row[] }>;
}

function sample(values: readonly number[]): Sample {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Targets speak of the value itself, or of its ratio to the first baseline. */
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
    target: targets.map((target) => tell(target, unit, reference?.name)).join(', '),
    holds: targets.every(meets),
  };
}

function tell(target: Target, unit: string, reference: string | undefined): string {
  const [sign, number] =
    'atMost' in target ? ['≤', target.atMost] : (['≥', target.atLeast] as const);
  return target.of === 'ratio' ? `${sign} ${number} × ${reference}` : `${sign} ${number} ${unit}`;
}
