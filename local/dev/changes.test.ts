/** Finds the units that a saved file concerns, and reports a file that cannot be parsed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { stop as stopEsbuild } from 'esbuild';
import { eventually } from '../../test/support/eventually.ts';
import { Changes, unitsOf, type Watched } from './changes.ts';

let root: string;
let said: string[];
let restarted: string[];
let changes: Changes;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'changes-'));
  [said, restarted] = [[], []];
  const units = [unit('api', 'a.ts', 'both.ts'), unit('worker', 'both.ts')];
  changes = new Changes(units, root, (line) => said.push(line));
});
afterEach(() => {
  changes.close();
  rmSync(root, { recursive: true });
});
afterAll(() => stopEsbuild());

function unit(name: string, ...files: string[]): Watched {
  return {
    name,
    files: new Set(files.map((file) => join(root, file))),
    restart: async () => {
      restarted.push(name);
      return name !== 'worker';
    },
    prepare: () => undefined,
  };
}

function save(name: string, text: string): void {
  writeFileSync(join(root, name), text);
  changes.add(join(root, name));
}

/** Waits for a line that begins like this. */
const untilSaid = (start: string) =>
  eventually(async () => said.find((line) => line.startsWith(start)));

test.each([
  ['a file that one unit has loaded', 'code/api.ts', ['api']],
  ['a file that both have loaded', 'code/both.ts', ['api', 'worker']],
  ['a prompt, which no unit loads as code', 'code/a.prompt', ['api', 'worker']],
  ['a new file, which concerns those that have loaded a file beside it', 'api/new.ts', ['api']],
  ['a file somewhere else', 'docs/a.ts', []],
])('%s', (_what, path, expected) => {
  const units = [
    { name: 'api', files: new Set(['code/api.ts', 'code/both.ts', 'api/index.ts']) },
    { name: 'worker', files: new Set(['code/both.ts']) },
  ].map((each) => ({ ...each, restart: async () => true, prepare: () => undefined }));
  expect(unitsOf([path], units).map(({ name }) => name)).toEqual(expected);
});

test('the units of a saved file restart, and no other', async () => {
  save('a.ts', 'export const a = 1;\n');
  expect(await untilSaid('a.ts: ')).toMatch(/^a\.ts: new in api after \d+\.\d\d s$/);
  expect(restarted).toEqual(['api']);
});

test('files that are saved together restart a unit once', async () => {
  save('a.ts', '');
  save('both.ts', '');
  await untilSaid('a.ts, both.ts: new in api');
  expect(restarted).toEqual(['api', 'worker']);
});

test('a unit that does not start is named', async () => {
  save('both.ts', '');
  await untilSaid('both.ts: worker did not start, see above');
});

test('an error of syntax is told with its place; nothing restarts until it is mended', async () => {
  save('a.ts', 'export const a = 1;\nconst b = a +;\n');
  await untilSaid('The units stay as they were until a.ts can be read');
  expect(said[0]).toBe('a.ts:2:14: Unexpected ";"\n    const b = a +;');
  save('both.ts', '');
  await eventually(async () => said.length >= 4 || undefined);
  expect(restarted).toEqual([]);
  save('a.ts', 'export const a = 1;\n');
  await untilSaid('a.ts, both.ts: new in api');
  expect(restarted).toEqual(['api', 'worker']);
});

test('a test is no part of a unit', async () => {
  save('a.test.ts', '');
  save('a.ts', '');
  await untilSaid('a.ts: new in api');
});
