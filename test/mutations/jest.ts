/** Jest in a process of its own, asked for single tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

const TIME_LIMIT_MS = 180_000;

const resultsSchema = z.object({
  testResults: z.array(
    z.object({
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
  name: string;
  isPassed: boolean;
  /** The first line of why it failed. */
  reason: string;
}

/**
 * Runs the tests of one file whose names hold one of `titles`.
 * @returns those that ran; undefined if they did not come to an end.
 */
export async function runTests(
  dir: string,
  file: string,
  titles: readonly string[],
): Promise<TestResult[] | undefined> {
  const output = join(dir, '.results.json');
  rmSync(output, { force: true });
  const pattern = titles.map(literally).join('|');
  const args = ['--testPathPatterns', `/${literally(file)}$`, '--testNamePattern', pattern];
  const report = ['--json', '--outputFile', output, '--cacheDirectory', join(dir, '.jest-cache')];
  const script = file.endsWith('.long.test.ts') ? 'test:long' : 'test';
  const child = spawn('npm', ['run', script, '--', ...args, ...report, '--maxWorkers=1'], {
    cwd: dir,
    stdio: 'ignore',
    // What shows that a defence is missing is often that something never comes.
    env: { ...process.env, HANG_LIMIT_MS: '30000' },
    // A group of its own, so that what the tests have started ends with them.
    detached: true,
  });
  const timer = setTimeout(() => killGroup(child.pid), TIME_LIMIT_MS);
  await once(child, 'exit');
  clearTimeout(timer);
  return readResults(output);
}

/** As a regular expression, which is what Jest takes. */
function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

function readResults(path: string): TestResult[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const { testResults } = resultsSchema.parse(JSON.parse(text));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  // A file that cannot even be loaded has a message and no tests.
  const broken = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (broken) return [{ name: 'the file', isPassed: false, reason: firstLine(broken.message) }];
  return tests
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ fullName, status, failureMessages }) => ({
      name: fullName,
      isPassed: status === 'passed',
      reason: firstLine(failureMessages[0] ?? ''),
    }));
}

function firstLine(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim());
  const telling = lines.filter((line) => line !== '' && !line.startsWith('at '));
  return telling.slice(0, 4).join(' ').slice(0, 200);
}
