/**
 * `npm run journey`: counts what a reader of one photo's journey has before them. CONTRIBUTING.md lists its files. Ends with 1
 * if something is over its limit; with `-- --report` it only prints the numbers.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FEATURES = 'functions/features';

const LIMITS = {
  files: 14,
  lines: 3_000,
  /** How many percent of the lines name a feature. */
  featurePercent: 5,
  /** Files outside of the journey that one of its files imports. */
  imports: 60,
  importedLines: 6_350,
};

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const linesOf = (path: string) => read(path).split('\n').slice(0, -1);

/** A row of the list is `1. [name](path)`, or `| 1 | [name](path) |` in a table: its first link is the file. */
function journey(): string[] {
  const page = read('CONTRIBUTING.md');
  const [section = ''] =
    /^## One photo(?:'s journey|, read from start to end)$[\s\S]*?(?=^## )/m.exec(page) ?? [];
  const rows = section.matchAll(/^(?:\| )?\d+(?:\.| \|) \[[^\]]*\]\(([^)#]+)\)/gm);
  const files = [...rows].map(([, path = '']) => path);
  if (files.length === 0) throw new Error('CONTRIBUTING.md lists no files of one photo’s journey.');
  return files;
}

const exportsSchema = z.object({ exports: z.record(z.string(), z.unknown()).default({}) });

/** The files of ours that a file imports. */
function importsOf(path: string): string[] {
  const named = read(path).matchAll(
    /^(?:import|export) [^;]*?from '([^']+)';|import\('([^']+)'\)/gm,
  );
  return [...named].flatMap(([, from, later = '']) => fileOf(path, from ?? later) ?? []);
}

/** @returns undefined for a package that is not ours */
function fileOf(importer: string, name: string): string | undefined {
  if (name.startsWith('.')) return join(dirname(importer), name);
  const [, workspace, sub] = /^@media-analysis\/([^/]+)\/?(.*)$/.exec(name) ?? [];
  if (workspace === undefined) return undefined;
  const { exports } = exportsSchema.parse(JSON.parse(read(`${workspace}/package.json`)));
  const target = exports[sub ? `./${sub}` : '.'];
  if (typeof target !== 'string')
    throw new Error(`${importer} imports ${name}, which is not there.`);
  return join(workspace, target);
}

/** Beginnings of words by which features are named, beside the names of their folders. */
const WORDS =
  'webhook|callback|outbox|receiver|reanaly[sz]|quote|arriv|imports|imported|restor|earlier_result|room\\b|edits|edited' +
  '|search|findable|embed|meaning|vector|months?\\b|locations|spend|spent|usd|paid|pay_|usage|moderat|verdict|held|withheld' +
  '|csv|zip|announce|service_key|key_id';

/** The lines that have a word of a feature, also in a name such as `callback_url` or `isHeld`, or what is imported from one. */
function featureLines(path: string, features: readonly string[]): string[] {
  const names = features.filter((name) => name !== 'export').join('|') || '(?!)';
  const named = new RegExp(
    `(?<![a-z.])(?:${WORDS})|(?<![a-z.])(?:${names})(?![a-z(])|${FEATURES}/`,
  );
  const imports = read(path).matchAll(/^import ([^;]*?) from '[^';]*\/features\/[^']+';/gm);
  const taken = [...imports].flatMap(([, text = '']) => text.match(/(?!type\b)\b\w+/g) ?? []);
  const isTaken = new RegExp(taken.map((name) => `\\b${name}\\b`).join('|') || '(?!)');
  return linesOf(path).filter((line) => {
    const words = line.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
    return named.test(words) || isTaken.test(line);
  });
}

const files = journey();
const features = globSync(`${FEATURES}/*/`, { cwd: ROOT }).map((path) => basename(path));
const rows = files.map((path) => {
  const [lines, named] = [linesOf(path).length, featureLines(path, features).length];
  return { path, lines, named };
});
const imported = new Set(files.flatMap(importsOf));
for (const path of files) imported.delete(path);

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
const lines = sum(rows.map((row) => row.lines));
const counts = {
  files: files.length,
  lines,
  featurePercent: Math.round((1_000 * sum(rows.map((row) => row.named))) / lines) / 10,
  imports: imported.size,
  importedLines: sum([...imported].map((path) => linesOf(path).length)),
};
const limits: Record<string, number> = LIMITS;
const compared = Object.entries(counts).map(([name, count]) => ({
  name,
  count,
  limit: limits[name] ?? 0,
}));

for (const { path, lines: all, named } of rows) {
  console.log(`${path.padEnd(48)} ${all} lines, ${named} name a feature`);
}
for (const { name, count, limit } of compared) console.log(`${name}: ${count} of ${limit}`);
const isOver = compared.some(({ count, limit }) => count > limit);
if (isOver && !process.argv.includes('--report')) process.exitCode = 1;
