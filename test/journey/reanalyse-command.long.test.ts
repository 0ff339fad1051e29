/** The operator's command that has an analysis made again: for one owner, and for all. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ReanalysisList } from '@media-analysis/shared/reanalyses';
import { startGemini } from '../support/gemini-server.ts';
import { client, eventually, file, type Stack, startStack, tokenOf } from '../support/stack.ts';

const COMMAND = fileURLToPath(new URL('../../deploy/reanalyse.ts', import.meta.url));
const MODEL = 'googleai/gemini-3.5-flash-lite';

let gemini: Awaited<ReturnType<typeof startGemini>>;
let stack: Stack;
beforeAll(async () => {
  gemini = await startGemini();
  stack = await startStack({
    environment: { ANALYSIS_MODEL: MODEL, GEMINI_API_KEY: 'key', GEMINI_BASE_URL: gemini.url },
  });
});
afterAll(async () => {
  await stack.close();
  await gemini.close();
});

const as = async (name: string) => client(stack, await tokenOf(stack, name));

async function send(name: string, ...photos: string[]): Promise<void> {
  const user = await as(name);
  const { media_ids } = await user.analyze(await Promise.all(photos.map(file)));
  await user.results(media_ids);
}

async function reanalysesOf(name: string): Promise<ReanalysisList['reanalyses']> {
  const answer = await (await as(name)).call('/api/reanalyses');
  return ((await answer.json()) as ReanalysisList).reanalyses;
}

/** Runs the command as for a deployed project: the settings of the api say where. */
function run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const settings = { FIRESTORE_DATABASE: '(default)', ANALYSIS_MODEL: MODEL };
  const env = { ...process.env, ...stack.environment, ...settings };
  return promisify(execFile)(process.execPath, [COMMAND, ...args], { env });
}
const failureOf = (...args: string[]) =>
  run(...args).then(
    () => undefined,
    (error: { code: number; stderr: string }) => error,
  );

test('--quote says what it would cost for each owner, and starts nothing', async () => {
  await send('alice', '02-cat.png', '05-dogs.jpg');
  await send('bob', '06-osprey.jpg');
  const asked = gemini.requests.length;
  const { stdout } = await run('--analysis', 'receipt', '--quote');
  expect(stdout).toMatch(
    /^"alice": 2 media; about \$0\.\d+; (about|less than) .*minutes?; estimated from 2 receipts$/m,
  );
  expect(stdout).toMatch(/^"bob": 1 media; about \$0\.\d+;/m);
  expect(stdout).toMatch(/^Together: 3 media, about \$0\.\d+$/m);
  expect(stdout).toContain('Nothing was started.');
  expect((await reanalysesOf('alice')).map(({ state }) => state)).toEqual(['quoted']);
  expect(gemini.requests).toHaveLength(asked);
});

test('--yes starts it for the named owner alone, and it is made', async () => {
  const options = ['--missing', '--from', '2020-01-01', '--kind', 'image', '--language', 'ja'];
  const { stdout } = await run('--analysis', 'receipt', '--owner', 'alice', '--yes', ...options);
  expect(stdout).toMatch(/^"alice": started \w+$/m);
  expect(stdout).not.toContain('bob');
  await eventually(async () => {
    const [latest] = await reanalysesOf('alice');
    return latest?.state === 'completed' ? latest : undefined;
  });
  expect((await reanalysesOf('alice'))[0]).toMatchObject({
    done: 2,
    failed: 0,
    language: 'ja',
    filter: { only: 'missing', from: '2020-01-01T00:00:00Z', kind: 'image' },
  });
  expect((await reanalysesOf('bob')).map(({ state }) => state)).toEqual(['quoted']);
  const again = await run('--analysis', 'receipt', '--owner', 'alice', '--yes');
  expect(again.stdout).toMatch(/^"alice": 0 media \(besides 2 up to date\)$/m);
  expect(again.stdout).not.toContain('started');
});

test('--input answers what an analysis has to be told', async () => {
  const input = JSON.stringify({ question: 'Who is it for?' });
  const { stdout } = await run('--analysis', 'ask', '--owner', 'bob', '--quote', '--input', input);
  expect(stdout).toMatch(/^"bob": 1 media; /m);
  expect((await reanalysesOf('bob'))[0]).toMatchObject({
    analysis: 'ask',
    input: { question: 'Who is it for?' },
  });
});

test('an owner with one under way is left out, with the reason; --cancel ends it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gemini.enqueue({ until: promise });
  await run('--analysis', 'alt-text', '--owner', 'bob', '--yes');
  const failed = await failureOf('--analysis', 'alt-text', '--yes');
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^"bob": Another reanalysis is running: .*\n1 owner .*left out/s),
    stdout: expect.stringMatching(/^"alice": started \w+$/m),
  });
  const { stdout } = await run('--cancel', '--owner', 'bob');
  expect(stdout).toMatch(/^"bob": cancelled \w+ after 0 of 1\nCancelled 1\./m);
  resolve();
  expect((await reanalysesOf('bob')).map(({ state }) => state)).toContain('cancelled');
});

test('an owner who has asked for too many quotes is left out, and the others are not', async () => {
  const alice = await as('alice');
  let status = 201;
  while (status === 201) {
    const body = JSON.stringify({ analysis: 'receipt' });
    const headers = { 'Content-Type': 'application/json' };
    status = (await alice.call('/api/reanalyses', { method: 'POST', body, headers })).status;
  }
  expect(status).toBe(429);
  expect(await failureOf('--analysis', 'receipt', '--quote')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^"alice": You have asked for \d+ quotes .*\n1 owner .*left out/s,
    ),
    stdout: expect.stringMatching(/^"bob": 1 media/m),
  });
});

const UNKNOWN: [string, string[]][] = [
  ['--yes', ['--analysis', 'receipt', '--yes']],
  ['--quote', ['--analysis', 'receipt', '--quote']],
  ['--cancel', ['--cancel']],
];

test.each(UNKNOWN)('%s says which owner is not known, and changes nothing', async (_what, args) => {
  expect(await failureOf(...args, '--owner', 'alcie')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No media is stored under the owner id "alcie"\. [^\n]*\n$/),
    stdout: expect.not.stringContaining('alcie'),
  });
  expect(await reanalysesOf('alcie')).toEqual([]);
});

const REFUSED: [number, string[], string][] = [
  [2, ['--analysis', 'receipt'], 'Say --quote, --yes or --cancel.'],
  [2, ['--analysis', 'receipt', '--quote', '--yes'], 'Say only one of --quote and --yes.'],
  [2, ['--analysis', 'receipt', '--quote', '--from', 'May'], 'filter.from: '],
  [2, ['--analysis', 'ask', '--quote', '--input', 'Who?'], '--input: JSON, such as \'{"question"'],
  [1, ['--analysis', 'ask', '--quote'], 'Say it with --input.'],
  [1, ['--analysis', 'receipt', '--quote', '--model', 'googleai/other'], MODEL],
];

test.each(REFUSED)('%d: %j is refused in words', async (code, args, words) => {
  expect(await failureOf(...args)).toMatchObject({
    code,
    stderr: expect.stringContaining(words),
  });
});
