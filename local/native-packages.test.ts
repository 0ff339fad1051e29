/** After `npm ci --omit=optional`: checks the arguments of npm, with a stand-in for it. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SHARP = 'node_modules/@img/sharp-linux-x64';

/** Records its arguments, and installs one package as if this were Linux. */
const NPM = `
  const { appendFileSync, cpSync, mkdirSync, writeFileSync } = require('node:fs');
  const { join } = require('node:path');
  const asked = join(__dirname, 'asked');
  mkdirSync(asked);
  writeFileSync(join(asked, 'arguments'), process.argv.slice(2).join(' '));
  for (const name of ['package.json', 'package-lock.json']) cpSync(name, join(asked, name));
  if (process.env.NPM_FAILS) process.exit(1);
  mkdirSync('${SHARP}', { recursive: true });
  writeFileSync('${SHARP}/sharp.node', 'new');
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'native-packages-'));
  for (const each of ['local', 'node_modules']) mkdirSync(join(folder, each));
  copyFileSync(join(ROOT, 'package-lock.json'), join(folder, 'package-lock.json'));
  copyFileSync(join(ROOT, 'local/native-packages.ts'), join(folder, 'local/native-packages.ts'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'npm.cjs'), NPM);
  symlinkSync(join(ROOT, 'node_modules/zod'), join(folder, 'node_modules/zod'), 'junction');
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(environment: Record<string, string>) {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'local/native-packages.ts')],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        npm_node_execpath: process.execPath,
        npm_execpath: join(folder, 'npm.cjs'),
        ...environment,
      },
    },
  );
  return { status, stderr };
}

const asked = (name: string) => readFileSync(join(folder, 'asked', name), 'utf8');

test('an install that leaves nothing out is left alone', () => {
  expect(run({ npm_config_omit: 'dev' })).toEqual({ status: 0, stderr: '' });
  expect(existsSync(join(folder, 'asked'))).toBe(false);
});

test('without optional packages, those for one platform come back, and no others', () => {
  // Left by an earlier install.
  mkdirSync(join(folder, SHARP), { recursive: true });
  writeFileSync(join(folder, SHARP, 'sharp.node'), 'old');
  expect(run({ npm_config_omit: 'dev\n\noptional' })).toEqual({ status: 0, stderr: '' });

  expect(asked('arguments')).toMatch(/^ci .*--include=optional/);
  const { packages } = JSON.parse(asked('package-lock.json'));
  const { '': root, ...others } = packages;
  expect(JSON.parse(asked('package.json'))).toEqual(root);
  const names = Object.keys(others).map((path) => path.slice('node_modules/'.length));
  expect(Object.keys(root.optionalDependencies)).toEqual(names);
  for (const platform of ['linux-x64', 'darwin-arm64', 'win32-x64']) {
    expect(names).toContain(`@img/sharp-${platform}`);
  }
  expect(names.filter((name) => name.startsWith('@biomejs/'))).toEqual([]);
  const networks = JSON.parse(readFileSync(join(ROOT, 'vision/package.json'), 'utf8'));
  for (const name of Object.keys(networks.optionalDependencies)) expect(names).not.toContain(name);
  for (const each of Object.values(others)) {
    expect(each).toMatchObject({ integrity: expect.stringMatching(/^sha512-/) });
  }

  expect(readFileSync(join(folder, SHARP, 'sharp.node'), 'utf8')).toBe('new');
  expect(existsSync(join(folder, 'node_modules/.cache/native-packages'))).toBe(false);
});

test('the install fails with what to do where npm cannot bring them', () => {
  const { status, stderr } = run({ npm_config_omit: 'optional', NPM_FAILS: '1' });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^The packages with compiled code .* Run npm ci without --omit=optional\.$/m,
  );
});
