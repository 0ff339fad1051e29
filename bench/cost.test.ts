/** `npm run cost`: what it prints is right or refused, and never `$NaN`. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const COMMAND = fileURLToPath(new URL('cost.ts', import.meta.url));

function cost(args: string[], env = {}): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [COMMAND, ...args], options, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}

test('what is not understood is said in one line, and how the command is used', async () => {
  const cases: [string[], string][] = [
    [['--photos', '5'], "Unknown option '--photos'"],
    [['--modell', 'x'], "Unknown option '--modell'. Is it --model?\n"],
    [['foo'], "Unexpected argument 'foo'"],
    [['--model', 'gpt-4'], '--model gpt-4: write PROVIDER/MODEL'],
    [['--model', 'openai/gpt-5'], 'OPENAI_PRICE=0.15,0.60 npm run cost'],
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

test('the prices are those of the model that npm run deploy takes, or of the price that is said', async () => {
  const { code, output } = await cost([]);
  expect(code).toBe(0);
  expect(output).toMatch(/^ {2}vertexai\/gemini-3\.5-flash-lite +2,800,000 tokens +\$2\.6000 /m);
  expect(output).not.toMatch(/index|['│]/);
  const said = await cost(['--model', 'openai/gpt-5'], { OPENAI_PRICE: '0,0.5' });
  expect(said.output).toMatch(/^ {2}openai\/gpt-5 .*\$0\.4000 /m);
});
