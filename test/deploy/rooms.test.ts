/**
 * The table of docs/rooms.md is true. Biome compares the text of an import with globs; this test finds the file that a
 * text means, wherever it stands: in an import of any kind, in `new URL(…)`, in a type.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirname, join as joinPath, matchesGlob } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const page = read('docs/rooms.md');
/** The names in a cell. `core/{media,work}` are two. */
const codeOf = (cell = '') =>
  [...cell.matchAll(/`([^`{]+)(?:\{([^`}]+)\})?`/g)].flatMap(([, name = '', ends = '']) =>
    ends.split(',').map((end) => name + end),
  );
/** A row of the table. A room of two places has the name of the first one. */
const rows = [...page.matchAll(/^\| (`.+) \| (.+) \|$/gm)].map(([, first, second]) => {
  const places = codeOf(first);
  return { name: places[0] ?? '', places, targets: codeOf(second) };
});
/** The rooms that each room may import. All but `local-cloud` may import `shared`. */
const allowed = new Map(rows.map(({ name, targets }) => [name, targets]));

/** `local/*.ts` is the files of a folder without its sub-folders; `functions/api` is all that is below. */
const globOf = (place: string) => (place.includes('*') ? place : `${place}/**`);

function roomOf(path: string): string | undefined {
  return rows.find(({ places }) => places.some((place) => matchesGlob(path, globOf(place))))?.name;
}

const isTest = (path: string) =>
  /\.test\.tsx?$|(^|\/)testing(\/|\.ts$)|^(test|bench|examples)\//.test(path);
const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.[cm]?[jt]sx?$/.test(path));
/** By their paths without endings, as TypeScript finds `a.ts` for `a.js`, and a bundler for `a`. */
const byStem = Map.groupBy(sources, (path) => stemOf(path));
const products = sources.filter((path) => path.includes('/') && !isTest(path));

function stemOf(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, '').replace(/\/index$/, '');
}

const exportsSchema = z.object({ exports: z.record(z.string(), z.unknown()).default({}) });
const WORKSPACES = [
  'shared',
  'functions',
  'sandbox',
  'vision',
  'web',
  'local',
  'local-cloud',
  'cli',
];
/** What apps install, by the folder of its sources in web/src. */
const PACKAGES = ['client', 'react'];
const exportsOf = new Map(
  WORKSPACES.map((name) => [name, exportsSchema.parse(JSON.parse(read(`${name}/package.json`)))]),
);

const NAME = /^@media-analysis\/([^/]+)\/?(.*)$/;
/** A line of a comment, as in an `@example`. */
const EXAMPLE = /^ *\* .*$/gm;
const REFERENCE = /(['"`])((?:\.\.?\/|@media-analysis\/)[^'"`\n]*)\1/g;

/** The files that a source file names. A name with `${…}` in it is computed: see below. */
function namedIn(path: string, text: string): string[] {
  const code = text.replace(EXAMPLE, '');
  return [...code.matchAll(REFERENCE)].flatMap(([, , name = '']) => {
    const [, workspace, sub = ''] = NAME.exec(name) ?? [];
    if (workspace && PACKAGES.includes(workspace)) return byStem.get(`web/src/${workspace}`) ?? [];
    const target = workspace && exportsOf.get(workspace)?.exports[sub ? `./${sub}` : '.'];
    const place = workspace ? `${workspace}/${target ?? sub}` : `${dirname(path)}/${name}`;
    return byStem.get(stemOf(joinPath(place.replace(/[?#].*$/, '')))) ?? [];
  });
}

/** What the file names and must not. */
function wrongIn(path: string, text = read(path)): string[] {
  const room = roomOf(path);
  const common = room?.startsWith('local-cloud/') ? [] : ['shared'];
  const may = [room, ...common, ...((room && allowed.get(room)) || [])];
  return namedIn(path, text)
    .filter((named) => isTest(named) || !may.includes(roomOf(named)))
    .map((named) => `${path} → ${named}`);
}

test('each source file is in a room', () => {
  expect(products.length).toBeGreaterThan(400);
  expect(products.filter((path) => !roomOf(path))).toEqual([]);
});

test('no file names one of a room above, or of the tests', () => {
  expect(products.flatMap((path) => wrongIn(path))).toEqual([]);
});

describe('a wrong arrow is seen in', () => {
  test.each([
    `import type { A } from './../worker/index.ts';`,
    `import { a } from '../process/../worker/index.ts';`,
    `export { a } from '../worker/index.js';`,
    `type A = import('../worker/index.ts').A;`,
    'await import(`../worker/index.ts`);',
    `await import(new URL('../worker/index.ts', import.meta.url).href);`,
    `await import(import.meta.resolve('../worker/index.ts'));`,
    `createRequire(import.meta.url)('../worker');`,
    `import { a } from './router.test.ts';`,
    `import { a } from '../../test/support/stack.ts';`,
    `import { a } from '@media-analysis/vision/client';`,
    `import { a } from '@media-analysis/local/stack.ts';`,
    `import { a } from '@media-analysis/client';`,
  ])('%s', (text) => {
    expect(wrongIn('functions/http/router.ts', text)).not.toEqual([]);
  });
});

describe('local-cloud, which is for others too, may not import', () => {
  test.each([
    `import { a } from '@media-analysis/shared/errors';`,
    `import { a } from '../../shared/errors.ts';`,
    `import { a } from '@media-analysis/functions/process/log';`,
    `import { a } from '../../local/topic.ts';`,
    `import { a } from '../storage/server.ts';`,
  ])('%s', (text) => {
    expect(wrongIn('local-cloud/identity/http.ts', text)).not.toEqual([]);
  });
});

describe('an import of a computed name', () => {
  const COMPUTED =
    /(?<![.\w])(import|require|import\.meta\.resolve|createRequire)\((?!\s*(['"])[^'"]*\2\s*\))/;

  test.each([
    'await import(`../worker/index.ts`);',
    'await import(name);',
    `await import('../' + name);`,
    'const load = createRequire(import.meta.url);',
  ])('is seen: %s', (text) => expect(text).toMatch(COMPUTED));

  test('is in nothing that is deployed', () => {
    const deployed = products.filter((path) =>
      /^(functions|shared|sandbox|vision|web\/src)\//.test(path),
    );
    expect(deployed.filter((path) => COMPUTED.test(read(path)))).toEqual([]);
  });
});

/** What is left without the ends of all arrows, again and again: circles, and what leads to them. */
function inCircles(arrows: Iterable<readonly [string, string[]]>): string[] {
  const left = new Map(arrows);
  for (let size = -1; size !== left.size; ) {
    size = left.size;
    for (const [from, targets] of left) if (!targets.some((to) => left.has(to))) left.delete(from);
  }
  return [...left.keys()];
}

test('the rooms have an order: no arrow leads back', () => {
  expect(inCircles(allowed)).toEqual([]);
});

test('no files name each other in a circle', () => {
  expect(inCircles(products.map((path) => [path, namedIn(path, read(path))]))).toEqual([]);
});

test('the layout in CONTRIBUTING.md names each room, or the folder that it is in', () => {
  const [layout = ''] = /^## The layout$[\s\S]*?^## /m.exec(read('CONTRIBUTING.md')) ?? [];
  const named = [...layout.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) => codeOf(cell));
  const isNamed = (place: string) =>
    [place, place.replace('functions/', ''), `${place.split('/')[0]}/`].some((name) =>
      named.includes(name),
    );
  expect(rows.flatMap(({ places }) => places).filter((place) => !isNamed(place))).toEqual([]);
});

const rulesSchema = z.object({ overrides: z.array(z.object({ includes: z.array(z.string()) })) });

test.each(rows.flatMap(({ places }) => places))('Biome has a rule for %s', (place) => {
  const { overrides } = rulesSchema.parse(JSON.parse(read('biome.rooms.json')));
  const source = globOf(place)
    .replace(/\*+/, 'source')
    .replace(/source$/, 'source.ts');
  const isRuled = overrides.some(({ includes }) =>
    includes.some((glob) => !glob.startsWith('!') && matchesGlob(source, glob)),
  );
  expect(isRuled).toBe(true);
});
