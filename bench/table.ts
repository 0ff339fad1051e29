/**
 * `npm run bench:table [-- --check]`: writes the table of docs/benchmarks.md from `bench/results/`. With
 * `--check` it only compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Row } from './lib/claim.ts';
import { CLAIMS, format, loadResult, type Result, withSpread } from './lib/result.ts';

const PAGE = new URL('../docs/benchmarks.md', import.meta.url);
const BEGIN = '<!-- bench:begin: written by `npm run bench:table` -->';
const END = '<!-- bench:end -->';

const text = readFileSync(PAGE, 'utf8');
const updated = withTable(text, tableOf(CLAIMS.flatMap((name) => loadResult(name) ?? [])));
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, updated);
} else if (!isDeepStrictEqual(text, updated)) {
  console.error(
    'The table in docs/benchmarks.md differs from bench/results/. Run: npm run bench:table',
  );
  process.exit(1);
}

function withTable(page: string, table: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin)
    throw new Error(`docs/benchmarks.md has no "${BEGIN}" … "${END}".`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`;
}

function tableOf(results: readonly Result[]): string {
  const lines = results.flatMap((result) =>
    result.rows.map((row, index) => lineOf(row, index === 0 ? `**${result.title}**` : '')),
  );
  return [
    '| | Measured | Ours (lowest–highest) | Beside it, in the same run | What bounds it | To reach | |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
    ...reasonsOf(results),
    ...machinesOf(results),
  ].join('\n');
}

function lineOf(row: Row, title: string): string {
  const beside = row.baselines.map(({ name, value }) => `${name} ${withSpread(value, row.unit)}`);
  const limit = row.limit ? `${row.limit.name} ${format(row.limit.value)} ${row.unit}` : '';
  const ratio = row.ratio !== null && row.target.includes('×') ? `: ${format(row.ratio)} ×` : '';
  const verdict = row.target === '' ? '' : row.holds ? 'holds' : '**missed**';
  const cells = [
    title,
    row.what,
    withSpread(row.ours, row.unit) + ratio,
    beside.join('<br>'),
    limit,
    row.target,
    verdict,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A missed target has a reason, or says that the cause is unknown. */
function reasonsOf(results: readonly Result[]): string[] {
  const reasons = results.flatMap(({ title, rows, reasons: known }) =>
    rows
      .filter(({ holds }) => !holds)
      .map(({ what }) => `- ${title}, ${what}: ${known[what] ?? 'missed, cause unknown.'}`),
  );
  return reasons.length === 0 ? [] : ['Missed, and why:', '', ...reasons, ''];
}

function machinesOf(results: readonly Result[]): string[] {
  const first = results[0]?.machine;
  if (!first) return [];
  const days = [...new Set(results.map(({ measured_on }) => measured_on))].sort().join(', ');
  const pinned = first.pinned ? 'server and load on a core each' : 'cores not pinned';
  return [
    `Medians; ${first.cores} cores (${first.cpu}), Node ${first.node}, ${pinned}, ${days}.`,
    '',
    ...results.map(({ title, setup, repeats }) => `- ${title}: ${setup}; ${repeats} ×.`),
  ];
}
