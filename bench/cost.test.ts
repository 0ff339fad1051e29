/** `npm run cost`: what it prints is right or refused, and never `$NaN`. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const COMMAND = fileURLToPath(new URL('cost.ts', import.meta.url));

function cost(args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}

test('what is not understood is said in one line, and how the command is used', async () => {
  const cases: [string[], string][] = [
    [['--photos', '5'], "Unknown option '--photos'"],
    [['foo'], "Unexpected argument 'foo'"],
    [['--model', 'gpt-4'], '--model gpt-4: write PROVIDER/MODEL'],
    [['--model', 'googleai/unknown'], 'The price of googleai/unknown is not known.'],
    [['--input-tokens', 'abc'], '--input-tokens abc: write a number.'],
    [['--cpu-ms', ''], '--cpu-ms : write a number.'],
  ];
  for (const [args, text] of cases) {
    const { code, output } = await cost(args);
    expect([code, output]).toEqual([2, expect.stringContaining(text)]);
    expect(output).not.toMatch(/NaN|\n {4}at /);
  }
  expect(await cost(['--help'])).toEqual({
    code: 0,
    output: expect.stringMatching(/^npm run cost/),
  });
});
