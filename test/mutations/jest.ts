/** Jest in processes of its own, asked for single tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';

const FILE_LIMIT_MS = 120_000;

const resultsSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()),
        }),
      ),
    }),
  ),
});

export interface TestResult {
  /** Relative to the project. */
  file: string;
  name: string;
  isPassed: boolean;
  /** The first line of why it failed. */
  reason: string;
}

/**
 * Runs the tests of `files` whose names hold one of `titles`. All files are long ones, or none.
 * @param options.workers How many processes; absent: as many as Jest takes by itself.
 * @param options.hangLimitMs How long a test waits for what never comes; it fails after twice that.
 * @returns those that ran; undefined if they did not come to an end.
 */
export async function runTests(
  dir: string,
  files: readonly string[],
  titles: readonly string[],
  { workers, hangLimitMs = HANG_LIMIT_MS }: { workers?: number; hangLimitMs?: number } = {},
): Promise<TestResult[] | undefined> {
  const output = join(dir, '.results.json');
  rmSync(output, { force: true });
  const paths = `/(?:${files.map(literally).join('|')})$`;
  const args = ['--testPathPatterns', paths, '--testNamePattern', titles.map(literally).join('|')];
  const report = ['--json', '--outputFile', output, '--cacheDirectory', join(dir, '.jest-cache')];
  const script = files.some(isLong) ? 'test:long' : 'test';
  const most = workers === undefined ? [] : [`--maxWorkers=${workers}`];
  const child = spawn('npm', ['run', script, '--', ...args, ...report, ...most], {
    cwd: dir,
    stdio: 'ignore',
    env: { ...process.env, HANG_LIMIT_MS: String(hangLimitMs) },
    // A group of its own, so that what the tests have started ends with them.
    detached: true,
  });
  const limitMs = FILE_LIMIT_MS * files.length + 2 * hangLimitMs * titles.length;
  const timer = setTimeout(() => killGroup(child.pid), limitMs);
  await once(child, 'exit');
  clearTimeout(timer);
  return readResults(dir, output);
}

/** Whether `npm run test:long` runs this file, and not `npm test`. */
export const isLong = (file: string): boolean => file.endsWith('.long.test.ts');

/** As a regular expression, which is what Jest takes. */
function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

function readResults(dir: string, path: string): TestResult[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  return resultsSchema.parse(JSON.parse(text)).testResults.flatMap((result) => {
    const file = relative(dir, result.name);
    // A file that cannot even be loaded has a message and no tests.
    if (result.assertionResults.length === 0) {
      return [{ file, name: 'the file', isPassed: false, reason: firstLine(result.message) }];
    }
    return result.assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({
        file,
        name: fullName,
        isPassed: status === 'passed',
        reason: firstLine(failureMessages[0] ?? ''),
      }));
  });
}

function firstLine(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim());
  const telling = lines.filter((line) => line !== '' && !line.startsWith('at '));
  return telling.slice(0, 4).join(' ').slice(0, 200);
}
