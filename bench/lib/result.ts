/** Prints results, and keeps them as JSON for the table of docs/benchmarks.md. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { type Claim, type Row, rowSchema, type Sample } from './claim.ts';
import type { Machine } from './machine.ts';

/** The claims, each a file of `claims/`, in the order of the table. */
export const CLAIMS = [
  'push-latency',
  'fan-out',
  'one-instance',
  'slow-readers',
  'ingest',
  'pipeline',
  'analysis-success',
  'cold-start',
  'operations',
  'search',
  'page',
  'simulation',
] as const;

const RESULTS = new URL('../results/', import.meta.url);

const machineSchema = z.object({
  cpu: z.string(),
  cores: z.number(),
  memory_mb: z.number(),
  node: z.string(),
  pinned: z.boolean(),
  load: z.number(),
});

const resultSchema = z.object({
  name: z.string(),
  title: z.string(),
  /** Sizes, rates and durations of the run. */
  setup: z.string(),
  measured_on: z.iso.date(),
  repeats: z.number(),
  artefact: z.string(),
  machine: machineSchema,
  rows: z.array(rowSchema),
  /** Why a target is missed, by the `what` of its row. */
  reasons: z.record(z.string(), z.string()),
});
export type Result = z.infer<typeof resultSchema>;

interface Run {
  claim: Pick<Claim, 'name' | 'title' | 'reasons'>;
  setup: string;
  rows: Row[];
  machine: Machine;
  repeats: number;
  artefact: string;
}

export function saveResult({ claim: { name, title, reasons = {} }, ...run }: Run): void {
  const measured_on = new Date().toISOString().slice(0, 10);
  const result: Result = { name, title, measured_on, reasons, ...run };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(result, null, 2)}\n`);
}

/** The last result; undefined if the claim was never measured. */
export function loadResult(name: string): Result | undefined {
  const file = new URL(`${name}.json`, RESULTS);
  if (!existsSync(file)) return undefined;
  return resultSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

export function printTable(rows: readonly Row[]): void {
  const cells = rows.map((row) => ({
    what: row.what,
    ours: withSpread(row.ours, row.unit),
    baseline: row.baselines
      .map(({ name, value }) => `${name} ${withSpread(value, row.unit)}`)
      .join('; '),
    limit: row.limit ? `${row.limit.name} ${withUnit(row.limit.value, row.unit)}` : '–',
    ratio: row.ratio === null ? '–' : format(row.ratio),
    target: row.target || '–',
    holds: row.target === '' ? '–' : row.holds ? 'yes' : 'NO',
  }));
  console.table(cells);
}

/** `4.1 ms (3.9–4.6)` */
export function withSpread({ median, min, max }: Sample, unit: string): string {
  const spread = format(min) === format(max) ? '' : ` (${format(min)}–${format(max)})`;
  return `${withUnit(median, unit)}${spread}`;
}

/** @param unit empty for a count */
export function withUnit(value: number, unit: string): string {
  return unit === '' ? format(value) : `${format(value)} ${unit}`;
}

/** Three significant digits: no bench here is more precise. Without a value (the mean of nothing): `–`. */
export function format(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  const digits = 2 - Math.floor(Math.log10(Math.abs(value)));
  const maximumFractionDigits = Math.min(Math.max(0, digits), 4);
  return value.toLocaleString('en', { maximumFractionDigits });
}
