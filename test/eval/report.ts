/** The table of `npm run eval`. */
import type { Usage } from '@media-analysis/shared/analytics';
import { describeMachine } from '../../bench/lib/machine.ts';
import type { Score } from './score.ts';

export type Row =
  | { name: string; score: Score; usage: Usage; error: null }
  | { name: string; score: null; usage: null; error: string };

export interface Resources {
  /** The longest that the event loop of the caller stood still. */
  stallMs: number;
  /** Of the process that the networks are in. */
  memoryMb: number | null;
}

export function printReport(model: string, rows: Row[], { stallMs, memoryMb }: Resources): void {
  for (const { name, error } of rows) if (error !== null) console.error(`${name}: ${error}`);
  const done = rows.filter(({ error }) => error === null) as Extract<Row, { error: null }>[];
  if (done.length === 0) {
    console.error(`${model} analysed none of ${rows.length} photos.`);
    return;
  }
  console.table(Object.fromEntries(done.map((row) => [row.name, columns(row)])));
  const { cpu, cores, node, load } = describeMachine();
  console.log(`${model}, ${done.length} of ${rows.length} photos`);
  console.log(`${cores} × ${cpu}, Node ${node}, load ${load}\n`);
  const lines = {
    ...totals(done),
    'caller stalled': `${stallMs.toFixed(0)} ms at most`,
    ...(memoryMb !== null && { 'vision process': `${memoryMb} MB at most` }),
  };
  for (const [what, value] of Object.entries(lines)) console.log(`${what.padEnd(24)}${value}`);
}

function columns({ score, usage }: Extract<Row, { error: null }>) {
  return {
    found: `${score.found} of ${score.expected}`,
    wrong: score.wrong.join(', ') || '–',
    text: score.textAccuracy === null ? mark(score.inventedText) : percent(score.textAccuracy),
    'people off by': score.peopleError ?? '–',
    seconds: Number((usage.duration_ms / 1_000).toFixed(2)),
    'cost USD': usage.cost_usd ?? 'unknown',
  };
}

const mark = (invented: boolean | null) =>
  invented === null ? '–' : invented ? 'invented' : 'none';

function totals(rows: Extract<Row, { error: null }>[]): Record<string, string> {
  const scores = rows.map(({ score }) => score);
  const sum = (pick: (score: Score) => number) => scores.reduce((all, each) => all + pick(each), 0);
  const right = sum((score) => score.right);
  const stated = right + sum((score) => score.wrong.length);
  const texts = told(scores.map(({ textAccuracy }) => textAccuracy));
  const blank = told(scores.map(({ inventedText }) => inventedText));
  const people = told(scores.map(({ peopleError }) => peopleError));
  const costs = told(rows.map(({ usage }) => usage.cost_usd));
  const seconds = rows.map(({ usage }) => usage.duration_ms / 1_000).sort((a, b) => a - b);
  return {
    precision: `${ratio(right, stated)} of objects stated are there`,
    recall: `${ratio(
      sum((score) => score.found),
      sum((score) => score.expected),
    )} of things to be seen are found`,
    'OCR character accuracy': `${percent(mean(texts))} over ${texts.length} photos with text; invented in ${blank.filter(Boolean).length} of ${blank.length} without`,
    'people count error':
      people.length > 0
        ? `${mean(people).toFixed(2)} on average, told for ${people.length} photos`
        : 'never told',
    seconds: `median ${(seconds[Math.floor(seconds.length / 2)] ?? 0).toFixed(2)}, first ${((rows[0]?.usage.duration_ms ?? 0) / 1_000).toFixed(2)}, slowest ${(seconds.at(-1) ?? 0).toFixed(2)}`,
    'cost USD':
      costs.length === rows.length
        ? costs.reduce((all, each) => all + each, 0).toFixed(6)
        : 'not in the price table',
  };
}

const told = <T>(values: (T | null)[]) => values.filter((value) => value !== null);
const mean = (values: number[]) => values.reduce((all, each) => all + each, 0) / values.length;
const ratio = (part: number, all: number) => `${percent(part / all)} (${part} of ${all})`;
const percent = (share: number) => (Number.isNaN(share) ? '–' : `${Math.round(share * 100)} %`);
