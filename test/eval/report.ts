/** The tables of `npm run eval`, at most 100 columns wide. */
import { describeMachine } from '../../bench/lib/machine.ts';
import type { PhotoResult } from './evaluate.ts';
import type { ReceiptScore } from './receipt-score.ts';
import { answeredRuns, type ModelResult, type Summary, summarize } from './results.ts';
import type { Score } from './score.ts';
import { type Estimate, MEASURES, type Measure } from './statistics.ts';

const WIDTH = 100;
const FIRST = 30;
/** Wide enough for "100 % (1,234) 97–100". */
const COLUMN = 23;
const MODELS_A_TABLE = Math.floor((WIDTH - FIRST) / COLUMN);

export function printReport(results: ModelResult[], judge: string | undefined): void {
  for (let from = 0; from < results.length; from += MODELS_A_TABLE) {
    const some = results.slice(from, from + MODELS_A_TABLE);
    printPhotos(some);
    printScores(some, judge);
  }
  for (const result of results) printDetails(result);
  const { cpu, cores, node, load } = describeMachine();
  console.log(`\n${cores} × ${cpu}, Node ${node}, load ${load}`);
}

function printPhotos(results: ModelResult[]): void {
  printRow('things, words, false, seconds', results.map(nameOf));
  const names = new Set(results.flatMap(({ photos }) => photos.map(({ photo }) => photo)));
  for (const name of names) {
    printRow(
      name,
      results.map(({ photos }) => cell(photos.find(({ photo }) => photo === name))),
    );
  }
  console.log('');
}

/**
 * "2/3   87 %   1   0.8": false are objects and words that are not there. Of a receipt: its rows, its total, currency and
 * date, and values that are not there.
 */
function cell(photo: PhotoResult | undefined): string {
  if (!photo) return 'not asked';
  const runs = answeredRuns(photo);
  if (runs.length === 0) return 'failed';
  const mean = (pick: (run: (typeof runs)[number]) => number) =>
    runs.reduce((sum, run) => sum + pick(run), 0) / runs.length;
  const { text, expected, receipt } = runs[0]?.score ?? {};
  const things = receipt
    ? `${number(mean(({ score }) => score.receipt?.rows ?? 0))}/${receipt.writtenRows}`
    : `${number(mean(({ score }) => score.found))}/${expected}`;
  const words = text
    ? percent(mean(({ score }) => (score.text?.words ?? 0) / text.writtenWords))
    : typeof receipt?.total === 'boolean'
      ? `${number(mean(({ score }) => fieldsRight(score.receipt)))}/3`
      : '–';
  const wrong = mean(({ score }) => falseOf(score).length);
  const seconds = mean(({ usage }) => usage.duration_ms / 1_000).toFixed(1);
  return [
    things.padEnd(5),
    words.padStart(5),
    (wrong === 0 ? '–' : number(wrong)).padStart(4),
    seconds.padStart(6),
  ].join('');
}

function printScores(results: ModelResult[], judge: string | undefined): void {
  const summaries = results.map(summarize);
  const print = (what: string, pick: (summary: Summary) => string) =>
    printRow(what, summaries.map(pick));
  printRow('score (of) 95 % interval', results.map(nameOf));
  for (const measure of MEASURES) {
    if (summaries.every(({ scores }) => scores[measure.name] === null)) continue;
    print(measure.name, ({ scores }) => withInterval(measure, scores[measure.name] ?? null));
  }
  print('failures', ({ failures, runs }) => `${failures} of ${runs}`);
  print('tokens in, out, a photo', (s) => `${number(s.inputTokens)}, ${number(s.outputTokens)}`);
  print('USD a thousand photos', ({ usdPerThousand }) => dollars(usdPerThousand));
  print('seconds a photo, slowest', (s) => `${s.medianS.toFixed(2)}, ${s.slowestS.toFixed(1)}`);
  printRow(
    'caller stalled, at most',
    results.map(({ resources }) => `${resources.stallMs.toFixed(0)} ms`),
  );
  if (results.some(({ resources }) => resources.memoryMb !== null)) {
    printRow(
      'vision process, at most',
      results.map(({ resources: { memoryMb } }) => (memoryMb === null ? '–' : `${memoryMb} MB`)),
    );
  }
  if (judge === undefined) return;
  print(`judged by ${judge}`, (s) => `USD ${dollars(s.judgeUsd)}, failed ${s.judgeFailures}`);
}

/** Names what is wrong, because a number does not say what to mend. */
function printDetails({ photos, ...result }: ModelResult): void {
  console.log(`\n${nameOf(result)}: what is false, and what failed`);
  for (const { photo, runs } of photos) {
    const said = runs.flatMap((run) => {
      if (run.error !== null) return [`failed: ${run.error}`];
      const { wrong, invented, isTotalRight, receipt } = run.score;
      return [
        ...(wrong.length > 0 ? [`wrong: ${wrong.join(', ')}`] : []),
        ...(invented?.length ? [`invented: ${invented.join(' ')}`] : []),
        ...(isTotalRight === false ? ['total not found'] : []),
        ...(receipt?.wrong.length ? [`wrong: ${receipt.wrong.join(', ')}`] : []),
        ...(run.judged?.judgement.invented.map((each) => `says: ${each}`) ?? []),
        ...(run.judgeError === null ? [] : [`judge failed: ${run.judgeError}`]),
      ];
    });
    for (const line of new Set(said)) console.log(shortened(`  ${photo}: ${line}`));
  }
}

const nameOf = ({ model, analysis }: Pick<ModelResult, 'model' | 'analysis'>) =>
  analysis === 'describe' ? model : `${analysis} ${model}`;
const fieldsRight = (receipt: ReceiptScore | null) =>
  [receipt?.total, receipt?.currency, receipt?.date].filter(Boolean).length;
const falseOf = ({ wrong, invented, receipt }: Score) => [
  ...wrong,
  ...(invented ?? []),
  ...(receipt?.wrong ?? []),
];

function printRow(first: string, cells: string[]): void {
  const columns = cells.map((each) => `  ${tail(each, COLUMN - 2)}`.padEnd(COLUMN));
  console.log(`${tail(first, FIRST).padEnd(FIRST)}${columns.join('')}`.trimEnd());
}

function withInterval({ unit }: Measure, score: Estimate | null): string {
  if (!score) return '–';
  const { value, low, high, of } = score;
  if (unit === 'each') {
    return `${value.toFixed(2)} (${number(of)}) ${low.toFixed(2)}–${high.toFixed(2)}`;
  }
  return `${percent(value)} (${number(of)}) ${Math.round(low * 100)}–${Math.round(high * 100)}`;
}

/** The end of a name tells more than its start. */
const tail = (text: string, width: number) =>
  text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
const shortened = (text: string) => (text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 1)}…`);
const percent = (share: number) => `${Math.round(share * 100)} %`;
const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
const dollars = (usd: number | null) => (usd === null ? 'unknown' : usd.toFixed(4));
