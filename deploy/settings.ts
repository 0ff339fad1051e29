/**
 * `npm run settings [-- --check]`: writes the table of the units in docs/settings.md from the settings that the rooms declare.
 * With `--check` it only compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { settingDocs } from '../functions/process/settings.ts';
import { UNIT_SETTINGS } from './unit-settings.ts';

const PAGE = new URL('../docs/settings.md', import.meta.url);
const BEGIN = '<!-- settings:begin: written by `npm run settings` -->';
const END = '<!-- settings:end -->';

if (import.meta.main) {
  const page = readFileSync(PAGE, 'utf8');
  const updated = withTable(page);
  if (!process.argv.includes('--check')) {
    writeFileSync(PAGE, updated);
  } else if (page !== updated) {
    console.error('docs/settings.md differs from the settings of the units. Run: npm run settings');
    process.exitCode = 1;
  }
}

/** @throws {Error} if a setting has no words, neither with its schema nor in what people have written */
export function withTable(page: string, units: typeof UNIT_SETTINGS = UNIT_SETTINGS): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin)
    throw new Error(`docs/settings.md has no "${BEGIN}" … "${END}".`);
  const [before, after] = [page.slice(0, begin + BEGIN.length), page.slice(end)];
  const rows = namesOf(units).flatMap((name) => {
    const schema = Object.values(units).find((shape) => name in shape)?.[name];
    const words = schema && settingDocs.get(schema);
    if (words) return [`| \`${name}\` | ${words.default ?? defaultOf(schema)} | ${words.doc} |`];
    if (`${before}${after}`.includes(`\`${name}\``)) return [];
    throw new Error(
      `${name} needs \`.register(settingDocs, { doc: '…' })\`, or a row in docs/settings.md.`,
    );
  });
  const table = ['| Variable | Default | |', '|---|---|---|', ...rows].join('\n');
  return `${before}\n\n${table}\n\n${after}`;
}

/** All units name their rooms in the same order, so what a later one adds comes after what it follows there. */
function namesOf(units: typeof UNIT_SETTINGS): string[] {
  const names: string[] = [];
  for (const shape of Object.values(units)) {
    let next = 0;
    for (const name of Object.keys(shape)) {
      if (!names.includes(name)) names.splice(next, 0, name);
      next = names.indexOf(name) + 1;
    }
  }
  return names;
}

function defaultOf(schema: z.ZodType): string {
  const { data } = schema.safeParse(undefined);
  if (data === undefined || (Array.isArray(data) && data.length === 0)) return '–';
  if (typeof data !== 'number')
    return `\`${typeof data === 'string' ? data : JSON.stringify(data)}\``;
  if (data % 2 ** 30 === 0) return `${data / 2 ** 30} GiB`;
  return data % 2 ** 20 === 0 ? `${data / 2 ** 20} MiB` : String(data);
}
