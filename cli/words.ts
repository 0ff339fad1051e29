/** The texts of the command about files. Nothing here writes. */
import type { Import } from '@media-analysis/shared/imports';
import type { Media } from '@media-analysis/shared/media';
import stringWidth from 'string-width';
import type { Item } from './batch.ts';

/**
 * File names and words of a model may contain control sequences of a terminal, or characters that change the direction of text:
 * https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

export const printable = (text: string) => text.replace(UNPRINTABLE, ' ').trim();

/** The advice for `unauthenticated`, after what the service says: the key is wrong, or there is none. */
export const WHO_YOU_ARE =
  'A token belongs into MEDIA_ANALYSIS_TOKEN, a service key into MEDIA_ANALYSIS_KEY. docs/cli.md says how.';

/** Cuts `text` to a width. A Chinese or Japanese character is two columns wide. */
export function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

const pad = (text: string, width: number) =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)));

/** One line about the content of a media, or the answers of its other analyses. */
export function wordsOf({ analytics, analyses }: Media): string {
  const answers = Object.entries(analyses ?? {}).flatMap(([name, { output }]) =>
    output ? [`${name}: ${factsOf(output)}`] : [],
  );
  return printable([...(analytics ? [analytics.title] : []), ...answers].join(' · '));
}

function factsOf(output: Record<string, unknown>): string {
  const facts = Object.entries(output).flatMap(([name, value]) => {
    if (value === null || value === '') return [];
    if (Array.isArray(value)) return value.length > 0 ? [`${name} ${value.length}`] : [];
    return typeof value === 'object' ? [] : [`${name} ${value}`];
  });
  return facts.join(', ');
}

export function stateOf({ state, media, problem }: Item): string {
  if (state === 'waiting') return 'not sent';
  if (state === 'accepted') return media?.status ?? 'sent';
  if (!problem) return 'completed';
  return media ? 'failed' : 'refused';
}

const detailOf = ({ media, problem }: Item) =>
  problem ? printable(problem.message) : media ? wordsOf(media) : '';

/** One event, for a pipe. */
export function lineOf(item: Item): string {
  const detail = item.state === 'ended' ? detailOf(item) : '';
  return `${stateOf(item)} ${printable(item.path)}${detail && `: ${detail}`}`;
}

/** @param width of the terminal; undefined: nothing is cut off */
export function tableOf(items: readonly Item[], width: number | undefined): string {
  const rows = items.map((item) => [printable(item.path), stateOf(item), detailOf(item)] as const);
  const widthOf = (column: 0 | 1) => Math.max(0, ...rows.map((row) => stringWidth(row[column])));
  const [paths, states] = [widthOf(0), widthOf(1)];
  const lines = rows.map(([path, state, detail]) => {
    const line = `${pad(path, paths)}  ${pad(state, states)}  ${detail}`.trimEnd();
    return width === undefined ? line : fit(line, width);
  });
  return lines.join('\n');
}

/** E.g. `9 completed, 1 refused. $0.0012` */
export function sumOf(items: readonly Item[]): string {
  const counts = Map.groupBy(items, stateOf);
  const parts = [...counts].map(([state, { length }]) => `${length} ${state}`);
  const costs = items.flatMap(({ media }) => media?.usage?.cost_usd ?? []);
  const cost = costs.reduce((sum, usd) => sum + usd, 0);
  return `${parts.join(', ')}.${cost > 0 ? ` $${cost.toFixed(4)}` : ''}`;
}

const BAR = 30;

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * BAR);
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** The bars of a terminal: bytes sent, and files analysed. */
export function barsOf(items: readonly Item[]): string {
  const sum = (of: (item: Item) => number) => items.reduce((total, item) => total + of(item), 0);
  const bytes = sum(({ size }) => size);
  const sent = sum(({ state, size, sentBytes }) => (state === 'waiting' ? sentBytes : size));
  const ended = items.filter(({ state }) => state === 'ended').length;
  const progress = sum(({ state, media }) => (state === 'ended' ? 1 : (media?.progress ?? 0)));
  const waits = Map.groupBy(
    items.filter(({ state, media }) => state === 'accepted' && media?.retry_at),
    ({ media }) => media?.wait_code ?? 'unavailable',
  );
  return [
    `Sending    ${bar(bytes === 0 ? 1 : sent / bytes)} ${megabytes(sent)} of ${megabytes(bytes)} MB`,
    `Analysing  ${bar(progress / Math.max(1, items.length))} ${ended} of ${items.length}`,
    ...[...waits].map(([code, { length }]) => `${length} wait: ${code}`),
  ].join('\n');
}

/** E.g. `Import X, running: 9 of 12 done, 1 failed, 2 skipped.` */
export function importSum({ id, state, found, done, failed, skipped, wait_code }: Import): string {
  const parts = [
    `${done} of ${found} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped: known`] : []),
    ...(wait_code ? [`waits (${wait_code})`] : []),
  ];
  return `Import ${id}, ${state}: ${parts.join(', ')}.`;
}

/** The bar of a terminal. In a bucket, more files may be found while it runs. */
export function importBar(run: Import): string {
  const { found, done, failed, skipped } = run;
  return `Importing  ${bar((done + failed + skipped) / Math.max(1, found))}\n${importSum(run)}`;
}

/** A line for each failure. @param width of the terminal; undefined: nothing is cut off */
export function failuresOf({ failures, failed }: Import, width: number | undefined): string {
  const lines = failures.map(({ name, code, message }) =>
    printable(`failed ${name}: ${message} (${code})`),
  );
  const more = failed - failures.length;
  if (more > 0) lines.push(`and ${more} more, which only the log of the service counts`);
  return lines.map((line) => `${width === undefined ? line : fit(line, width)}\n`).join('');
}
