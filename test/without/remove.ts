/**
 * Takes features out of a copy of the project. For each, it removes:
 *
 * - the folder `functions/features/NAME`, with its tests;
 * - the files elsewhere that its `outside.json` lists, such as the command of an operator: `["deploy/keys.ts"]`;
 * - its import and its line in each list of features. A list is a file directly in the folder of a unit, or one of those that the
 *   check of the deployment and `npm start` have, and has one line for each feature: `webhooks,` or `...webhooksShape,`;
 * - all other features that import it, in the same way.
 *
 * `shared/` keeps all its files: clients know them.
 */
import { existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { z } from 'zod';

const FEATURES = 'functions/features';
const LISTS = [
  'functions/{api,worker,stream}/*.ts',
  'deploy/check/feature-queries.ts',
  'local/features.ts',
];
const IMPORT = /^import (?:type )?(\{[^}]*\}|\w+) from '([^']+)';\n/gm;
const outsideSchema = z.array(z.string());

export interface Removal {
  /** The features that were named, and then those that import one of them. */
  features: string[];
  files: string[];
  /** Why what is left cannot be whole. */
  complaints: string[];
}

const isTest = (path: string) => /\.test\.ts$|(^|\/)testing(\/|\.ts$)/.test(path);

function sourcesIn(root: string, ...globs: string[]): string[] {
  return globSync(globs, { cwd: root }).filter((path) => !isTest(path));
}

/** The names of all features: each is a folder. */
export function featuresOf(root: string): string[] {
  const folder = join(root, FEATURES);
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
}

/** @throws {Error} if one of them does not exist */
export function removeFeatures(root: string, names: readonly string[]): Removal {
  const all = featuresOf(root);
  for (const name of names) {
    if (all.includes(name)) continue;
    const known = all.length === 0 ? `there is no ${FEATURES}` : `there are ${all.join(', ')}`;
    throw new Error(`There is no feature "${name}": ${known}.`);
  }
  const features = withDependents(root, names, all);
  const removed = features.map((each) => [each, removeFiles(root, each)] as const);
  const complaints = removed.flatMap(([each, files]) => removeLines(root, each, files));
  return { features, files: removed.flatMap(([, files]) => files), complaints };
}

function withDependents(root: string, names: readonly string[], all: readonly string[]): string[] {
  const found = new Set(names);
  for (const each of found) {
    for (const other of all) {
      const sources = sourcesIn(root, `${FEATURES}/${other}/**/*.ts`);
      if (sources.some((path) => importsOf(root, path).some(isOf(each)))) found.add(other);
    }
  }
  return [...found];
}

function removeFiles(root: string, feature: string): string[] {
  const folder = `${FEATURES}/${feature}`;
  const manifest = join(root, folder, 'outside.json');
  const outside = existsSync(manifest)
    ? outsideSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')))
    : [];
  const missing = outside.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`${folder}/outside.json names ${missing.join(', ')}.`);
  const files = [...globSync(`${folder}/**/*.*`, { cwd: root }).sort(), ...outside];
  for (const path of [folder, ...outside]) rmSync(join(root, path), { recursive: true });
  return files;
}

/** @returns what names the feature in a list, and is not its line */
function removeLines(root: string, feature: string, files: readonly string[]): string[] {
  return sourcesIn(root, ...LISTS).flatMap((path) => {
    const before = readFileSync(join(root, path), 'utf8');
    const names = new Set<string>();
    const text = before.replace(IMPORT, (whole, imported: string, from: string) => {
      if (!files.includes(join(dirname(path), from))) return whole;
      for (const [local = ''] of imported.matchAll(/\w+(?=\s*[,}]|$)/g)) names.add(local);
      return '';
    });
    if (text === before) return [];
    const left = [...names].reduce(withoutLine, text);
    writeFileSync(join(root, path), left);
    const isNamed = new RegExp(`\\b(?:${[...names].join('|')})\\b`);
    return left
      .split('\n')
      .filter((line) => isNamed.test(line) && !/^\s*(\*|\/[/*])/.test(line))
      .map((line) => `${path} names ${feature} outside of its line: ${line.trim()}`);
  });
}

/** Without `name,` or `name(…),` as a line of its own, or in a list that has one line. */
function withoutLine(text: string, name: string): string {
  return text
    .replace(new RegExp(`^ +(?:\\.\\.\\.)?${name}(?:\\([^()]*\\))?,\\n`, 'gm'), '')
    .replace(new RegExp(`(?<=\\[)${name}(?:, )?|, ${name}(?=[,\\]])`, 'g'), '');
}

const isOf = (feature: string) => (path: string) => path.startsWith(`${FEATURES}/${feature}/`);

/** The paths of what a file imports, from the root of the project. */
function importsOf(root: string, path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8');
  const relative = text.matchAll(/(?:from |import\()'(\.\.?\/[^']+)'/g);
  return [...relative].map(([, name = '']) => join(dirname(path), name));
}
