/**
 * `npm run bench:table [-- --check]`: writes the table of docs/benchmarks.md from `bench/results/`. With
 * `--check` it only compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Row } from './lib/claim.ts';
import { CLAIMS, format, loadResult, type Result, withSpread, withUnit } from './lib/result.ts';

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
  return [...machineOf(results), ...results.map(sectionOf)].join('\n\n');
}

function sectionOf({ title, setup, repeats, measured_on, rows, reasons }: Result): string {
  const missed = rows
    .filter(({ holds }) => !holds)
    .map(({ what }) => `\n**Missed**, ${what}: ${reasons[what] ?? 'cause unknown.'}`);
  return [
    `## ${title}`,
    '',
    `${setup}; ${repeats === 1 ? 'one run' : `${repeats} runs`}, ${measured_on}.`,
    '',
    '| | Ours | Beside | Target |',
    '|---|---|---|---|',
    ...rows.map(lineOf),
    ...missed,
  ].join('\n');
}

function lineOf(row: Row): string {
  const beside = row.baselines.map(({ name, value }) => `${name}: ${withSpread(value, row.unit)}`);
  const limit = row.limit ? [`*${row.limit.name}: ${withUnit(row.limit.value, row.unit)}*`] : [];
  const ratio = row.ratio !== null && row.target.includes('×') ? `: ${format(row.ratio)} ×` : '';
  const cells = [
    row.what,
    withSpread(row.ours, row.unit) + ratio,
    [...beside, ...limit].join('<br>'),
    row.holds ? row.target : `**${row.target}**`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function machineOf([first]: readonly Result[]): string[] {
  if (!first) return [];
  const { cores, cpu, node, pinned } = first.machine;
  const pinning = pinned ? 'server and load on a core each' : 'cores not pinned';
  return [`${cores} cores (${cpu}), Node ${node}, ${pinning}.`];
}
