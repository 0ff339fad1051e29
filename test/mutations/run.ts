/**
 * `npm run mutate`: takes each defence that SECURITY.md names out of a copy of the project and runs the
 * test that shows it. Ends with 1 if a test stands without its defence, if a defence or a test is no longer where
 * the table says, or if a threat has none. `-- --only TEXT` for some, `--shard 1/2` for the first of every two,
 * `--list` to check the table alone, with `--only` also to see code and tests of a threat.
 *
 * Stryker 9.6 was tried on `core/work/claim.ts`: 166 mutations took 14 minutes with the unit tests alone, and 54 of them
 * stood. Most of these are seen by tests that start the product, which it would run whole for each mutation. It also reads
 * tsconfig.json by an API that TypeScript 7 has no more.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AVAILABILITY } from './availability.ts';
import { BILL } from './bill.ts';
import { CALLERS } from './callers.ts';
import { CONTENT } from './content.ts';
import { CONTRACT } from './contract.ts';
import { FRAMES } from './frames.ts';
import { IMPORT_MUTATIONS } from './imports.ts';
import { isLong, runTests, type TestResult } from './jest.ts';
import { KEY_MUTATIONS } from './keys.ts';
import { LIBRARY } from './library.ts';
import { MACHINE } from './machine.ts';
import { MEDIA } from './media.ts';
import { MODERATION } from './moderation.ts';
import type { Mutation } from './mutation.ts';
import { OUTAGES } from './outages.ts';
import { PLATFORM } from './platform.ts';
import { replaceOnce, Sandbox } from './sandbox.ts';
import { SIGN_IN } from './sign-in.ts';
import { hasTitle } from './titles.ts';
import { WEBHOOK_MUTATIONS } from './webhooks.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What shows that a defence is missing is often that something never comes. */
const hangLimitMs = 30_000;
const MUTATIONS: readonly Mutation[] = [
  ...MEDIA,
  ...MODERATION,
  ...CALLERS,
  ...SIGN_IN,
  ...MACHINE,
  ...LIBRARY,
  ...KEY_MUTATIONS,
  ...WEBHOOK_MUTATIONS,
  ...IMPORT_MUTATIONS,
  ...CONTENT,
  ...CONTRACT,
  ...FRAMES,
  ...AVAILABILITY,
  ...OUTAGES,
  ...BILL,
  ...PLATFORM,
];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    shard: { type: 'string', default: '1/1' },
    list: { type: 'boolean', default: false },
  },
});

const [, shard, shards] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(values.shard)?.map(Number) ?? [];
if (!shard || !shards || shard > shards) throw new Error('--shard is 1/2 or 2/2, for example.');
const chosen = MUTATIONS.filter((mutation) =>
  JSON.stringify(mutation).includes(values.only),
).filter((_mutation, n) => n % shards === shard - 1);
if (chosen.length === 0) throw new Error(`No mutation holds the text "${values.only}".`);
const complaints = values.list ? findStale() : [...findStale(), ...(await tryAll(chosen))];
for (const complaint of complaints) console.error(complaint);
if (values.list && values.only) for (const mutation of chosen) console.log(describe(mutation));
console.log(
  values.list
    ? `${chosen.length} mutations for ${threats().length} threats`
    : `${chosen.length} defences taken out: ${complaints.length} complaints`,
);
process.exitCode = complaints.length === 0 ? 0 : 1;

function describe({ threat, without, edits, tests: [file, ...titles] }: Mutation): string {
  const code = [...new Set(edits.map(([path]) => path))].join(', ');
  return [`${threat}, without ${without}`, `  ${code}`, `  ${file}: ${titles.join('; ')}`].join(
    '\n',
  );
}

/** What no longer fits together: the table here, SECURITY.md, the tests, and the code. */
function findStale(): string[] {
  const known = threats();
  const covered = new Set(MUTATIONS.map(({ threat }) => threat));
  return [
    ...known.filter((threat) => !covered.has(threat)).map((threat) => `NO MUTATION for: ${threat}`),
    ...[...covered].filter((threat) => !known.includes(threat)).map((t) => `NO SUCH THREAT: ${t}`),
    ...MUTATIONS.flatMap(({ tests: [file, ...titles] }) =>
      titles
        .filter((title) => !isThere(file, title))
        .map((title) => `NO SUCH TEST: ${file}: ${title}`),
    ),
    ...MUTATIONS.flatMap(({ without, edits }) =>
      edits.flatMap(([file, text, instead]) => {
        try {
          replaceOnce(readFileSync(join(ROOT, file), 'utf8'), text, instead);
          return [];
        } catch (error) {
          return [`NOT THERE ANY MORE: ${without}: ${file}: ${(error as Error).message}`];
        }
      }),
    ),
  ];
}

/** Beside a file may be what it shares with its long form. */
function isThere(file: string, title: string): boolean {
  return [file, file.replace(/(\.long)?\.test\.ts$/, '.ts')]
    .map((each) => join(ROOT, each))
    .some((path) => existsSync(path) && hasTitle(path, `…${title}…`));
}

/** The first column of each table under "Threats". */
function threats(): string[] {
  const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
  const section = /^## Threats$(.*?)^## /ms.exec(text)?.[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  const cells = rows.map((row) => row.split('|')[1]?.trim() ?? '');
  return cells.filter((cell) => cell !== 'Threat' && !/^-+$/.test(cell));
}

/** @returns what is wrong, one line each. */
async function tryAll(mutations: readonly Mutation[]): Promise<string[]> {
  const sandbox = new Sandbox(ROOT);
  try {
    const tests = mutations.map((mutation) => mutation.tests);
    const complaints = [
      ...(await tryWhole(
        sandbox,
        tests.filter(([file]) => !isLong(file)),
      )),
      ...(await tryWhole(
        sandbox,
        tests.filter(([file]) => isLong(file)),
      )),
    ];
    for (const mutation of mutations) complaints.push(...(await tryOne(sandbox, mutation)));
    return complaints;
  } finally {
    sandbox.remove();
  }
}

/** Tests that fail as it is, by themselves, would say nothing about any defence. */
async function tryWhole(sandbox: Sandbox, tests: readonly Mutation['tests'][]): Promise<string[]> {
  if (tests.length === 0) return [];
  const files = [...new Set(tests.map(([file]) => file))];
  const titles = [...new Set(tests.flatMap(([, ...some]) => some))];
  console.log(`as it is: ${titles.length} titles in ${files.length} files`);
  const results = await runTests(sandbox.dir, files, titles, { hangLimitMs });
  if (!results) return ['HUNG: as it is'];
  const failed = results.filter(({ isPassed }) => !isPassed);
  const missing = tests.flatMap(([file, ...some]) =>
    some
      .filter((title) => !results.some((r) => r.file === file && r.name.includes(title)))
      .map((title) => `NO SUCH TEST: ${file}: ${title}`),
  );
  return [
    ...failed.map(({ file, name, reason }) => `FAILS AS IT IS: ${file}: ${name}: ${reason}`),
    ...new Set(missing),
  ];
}

async function tryOne(sandbox: Sandbox, mutation: Mutation): Promise<string[]> {
  const [file, ...titles] = mutation.tests;
  const started = performance.now();
  const alone = { workers: 1, hangLimitMs };
  const results = await sandbox.broken(mutation, () =>
    runTests(sandbox.dir, [file], titles, alone),
  );
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`without ${mutation.without} (${seconds} s)`);
  return titles.flatMap((title) => {
    const { word, why } = judge(results?.filter(({ name }) => name.includes(title)));
    console.log(`  ${word.padEnd(9)} ${why}`);
    return word === 'seen' ? [] : [`${word}: without ${mutation.without}: ${title}`];
  });
}

function judge(results: TestResult[] | undefined): { word: string; why: string } {
  if (!results) return { word: 'HUNG', why: 'the tests did not come to an end' };
  const failed = results.filter(({ isPassed }) => !isPassed);
  // What does not even start shows nothing of the defence.
  const broken = failed.find(({ reason }) => /for a hook|suite failed to run/.test(reason));
  if (broken) return { word: 'BROKEN', why: broken.reason };
  const [first] = failed;
  if (!first) return { word: 'NOT SEEN', why: `${results.length} tests pass` };
  return { word: 'seen', why: `"${first.name}": ${first.reason}` };
}
