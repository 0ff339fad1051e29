/** What SECURITY.md names is there: each file, script and number, and for each threat a mutation with its tests. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { UNIT_SETTINGS } from '../../deploy/unit-settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

interface Row {
  threat: string;
  defence: string;
  /** The folder that the text above the table names for the files in it. */
  folder: string;
}

/** The rows under "Threats". A row of the platform's table may name a file by its name alone. */
const rows: Row[] = [];
let folder = '';
for (const line of (/^## Threats$(.*?)^## /ms.exec(page)?.[1] ?? '').split('\n')) {
  folder = /\[`[^`]+`\]\((local\/[^)]+)\)/.exec(line)?.[1] ?? folder;
  const [, threat = '', defence] = line.split('|').map((cell) => cell.trim());
  if (defence !== undefined && threat !== 'Threat' && !threat.startsWith('---')) {
    rows.push({ threat, defence, folder });
  }
}

const isThere = (path: string) => existsSync(join(ROOT, path));
const codeIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
/** A file or a folder: `a/b.ts`, `b.ts`, `sandbox/`, and not `local/vision`, which is a model. */
const isFile = (code: string) => /^[\w./-]+(\.(ts|tf|json|rules)|\/)$/.test(code);

test('each file that a row or the text names is there', () => {
  const inRows = rows.flatMap(({ threat, defence, folder }) => {
    const files = codeIn(defence).filter(isFile);
    const folders = ['', folder, ...files.map((file) => dirname(file))];
    return files
      .filter((file) => !folders.some((each) => isThere(join(each, file))))
      .map((file) => `${threat}: ${file}`);
  });
  const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path);
  expect([...inRows, ...links.filter((path) => !isThere(path))]).toEqual([]);
});

test('each script that SECURITY.md names is there', () => {
  const named = [...page.matchAll(/`npm run ([\w:]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('each threat has a mutation, and each mutation a threat, a defence and a test', () => {
  const run = join(ROOT, 'test/mutations/run.ts');
  const list = () => execFileSync(process.execPath, [run, '--list'], { encoding: 'utf8' });
  expect(list()).toMatch(new RegExp(`^\\d+ mutations for ${rows.length} threats\n$`));
  expect(rows.length).toBeGreaterThan(170);
});

test('the list shows the code and the tests of a threat', () => {
  const run = join(ROOT, 'test/mutations/run.ts');
  const only = ['--list', '--only', 'noticing an analysis of the same photo'];
  const list = execFileSync(process.execPath, [run, ...only], { encoding: 'utf8' });
  expect(list).toContain('  functions/core/media/same-content.ts\n  test/journey/cache.test.ts: ');
});

test.each([
  ['V4 signed URLs of 15 minutes', 'api', 'SIGNED_URL_TTL_S', 15 * 60],
  ['30 s without a byte', 'api', 'BODY_STALL_S', 30],
  ['less than 120 kB in a minute', 'api', 'BODY_MIN_BYTES_PER_MINUTE', 120_000],
  ['seven minutes for all of them', 'api', 'BODY_TOTAL_S', 7 * 60],
  ['10 for each owner and 32 for all', 'api', 'MAX_UPLOADS_IN_FLIGHT', 10],
  ['10 for each owner and 32 for all', 'api', 'MAX_UPLOADS_PER_INSTANCE', 32],
  ['50 for each owner and 950 for all', 'stream', 'MAX_STREAMS', 50],
  ['50 for each owner and 950 for all', 'stream', 'MAX_STREAMS_PER_INSTANCE', 950],
  ['an owner has ten media in all queues together', 'api', 'MAX_QUEUED_PER_OWNER', 10],
  ['1,000 announced files for each owner', 'api', 'MAX_ANNOUNCED', 1_000],
  ['10 GiB and 10,000 files for each owner', 'api', 'MAX_BYTES_PER_DAY', 10 * 2 ** 30],
  ['10 GiB and 10,000 files for each owner', 'api', 'MAX_FILES_PER_DAY', 10_000],
  ['$5 a day for each owner and $20 for all', 'worker', 'MAX_OWNER_USD_PER_DAY', 5],
  ['$5 a day for each owner and $20 for all', 'worker', 'MAX_USD_PER_DAY', 20],
  ['eight calls for one media', 'worker', 'MAX_PAID_CALLS', 8],
  ['ten minutes, looked at before any call', 'worker', 'MAX_VIDEO_S', 10 * 60],
] as const)('“%s”, says a row: %s, %s', (words, unit, name, value) => {
  expect(rows.some(({ defence }) => defence.includes(words))).toBe(true);
  expect(UNIT_SETTINGS[unit][name]?.parse(undefined)).toBe(value);
});
