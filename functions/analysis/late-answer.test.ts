import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

/**
 * In a process of its own, as Jest has another global object. The answer begins when another call, which waits for a tenth of a
 * second, was given up.
 */
const script = (waits: string) => `
  const { patientDispatcher } = await import(${JSON.stringify(new URL('./late-answer.ts', import.meta.url).href)});
  const { createServer } = await import('node:http');
  const answers = [];
  const server = createServer((_, res) => answers.push(() => res.end('late')));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = 'http://127.0.0.1:' + server.address().port;
  const Agent = globalThis[Symbol.for('undici.globalDispatcher.1')].constructor;
  const hasty = { dispatcher: new Agent({ headersTimeout: 100, bodyTimeout: 100 }) };
  const outcomeOf = (options) => fetch(url, options).then(
    (response) => response.text(),
    (error) => error.cause.code,
  );
  const late = outcomeOf({ hasty, patient: patientDispatcher() }[${JSON.stringify(waits)}]);
  await outcomeOf(hasty);
  for (const answer of answers) answer();
  console.log(await late);
  process.exit();
`;

async function outcomeOf(waits: string): Promise<string> {
  const args = ['--input-type=module', '--eval', script(waits)];
  return (await promisify(execFile)(process.execPath, args)).stdout.trim();
}

test('an answer that begins late is waited for', async () => {
  expect(await outcomeOf('patient')).toBe('late');
});

test('still needed: Node gives up when no answer has begun for a time, and only its dispatcher knows that time', async () => {
  expect(await outcomeOf('hasty')).toBe('UND_ERR_HEADERS_TIMEOUT');
});
