/** Test files that end while something of theirs goes on, or fail with a page open, in a worker of Jest and in Jest's own process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { endWithUs } from '../support/end-with-us.ts';
import { orHang } from '../support/hang-limit.ts';

interface Results {
  testResults: { name: string; message: string }[];
}

const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** What a test of each file does, and what the run has to say of it. The last one ends what it has started. */
const FILES: [name: string, test: string, said: RegExp][] = [
  ['timer', 'setInterval(() => {}, 1_000);', /goes on: \d Timeout\./],
  ['short-timer', 'setTimeout(() => {}, 30_000);', /goes on: \d Timeout\./],
  [
    'expectation',
    "(async () => { await require('node:fs/promises').readFile(__filename); expect(1).toBe(2); })();",
    /Expected: .*2/,
  ],
  [
    'page',
    `globalThis[Symbol.for('describe pages')] = async () => 'The page says:\\nNothing here';
    await null;
    throw new Error('not seen');`,
    /not seen\n+ +The page says:\n +Nothing here\n/,
  ],
  [
    'server',
    "require('node:http').createServer().listen(0, '127.0.0.1').unref();",
    /goes on: a server at \d+\./,
  ],
  [
    'process',
    `// It ends with the process of the test.
    const child = require('node:child_process').fork(require.resolve('./child.js'));
    child.unref();
    child.channel.unref();`,
    /goes on: process \d+ \(.*child\.js\)\./,
  ],
  [
    'closing',
    `const server = require('node:http').createServer().listen(0, '127.0.0.1');
    await require('node:events').once(server, 'listening');
    server.close();
    require('node:child_process').fork(require.resolve('./child.js')).kill('SIGKILL');`,
    /^$/,
  ],
];

/** No one has told that process to end, so the file takes all of the time that a process has to end. */
const SHORT_GRACE = '/** @jest-environment-options {"graceMs": 100} */\n';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'left-over-')));
  writeFileSync(join(folder, 'child.js'), "process.on('message', () => {});");
  for (const [name, body] of FILES) {
    const text = `test('a', async () => { ${body} });`;
    writeFileSync(join(folder, `${name}.test.js`), name === 'process' ? SHORT_GRACE + text : text);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['a worker', { workerIdleMemoryLimit: '1GB', maxWorkers: 1 }],
  ["Jest's own process", { maxWorkers: 1 }],
])('in %s, each file fails that leaves something over, and the run ends', async (_where, where) => {
  const config = {
    ...where,
    rootDir: folder,
    testEnvironment: pathOf('test/support/jest/environment.js'),
    reporters: [pathOf('test/support/jest/reporter.js')],
    transform: {},
  };
  const results = join(folder, 'results.json');
  const jest = [pathOf('node_modules/jest/bin/jest.js'), '--config', JSON.stringify(config)];
  const args = [...jest, '--json', '--outputFile', results];
  const run = endWithUs(spawn(process.execPath, args, { stdio: 'ignore' }));
  try {
    const [code] = await orHang(once(run, 'exit'), 'the end of the run');
    expect(code).toBe(1);
  } finally {
    run.kill('SIGKILL');
  }
  const { testResults }: Results = JSON.parse(readFileSync(results, 'utf8'));
  const said = new Map(
    testResults.map(({ name, message }) => [
      basename(name, '.test.js'),
      // A timer of Jest's own, which is there now and then.
      message.replace(/(?<=goes on: )\d Timeout, /, ''),
    ]),
  );
  for (const [name, , pattern] of FILES)
    expect([name, said.get(name)]).toEqual([name, expect.stringMatching(pattern)]);
});
