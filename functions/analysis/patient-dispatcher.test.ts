import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

/**
 * In its own process, because Jest has another global object. Node's dispatcher gives up there after a tenth of a second. The
 * answer begins when another call was given up.
 */
const script = (options: string) => `
  const { createServer } = await import('node:http');
  const { patientDispatcher } = await import(${JSON.stringify(new URL('./patient-dispatcher.ts', import.meta.url).href)});
  const key = Symbol.for('undici.globalDispatcher.1');
  globalThis[key] = new globalThis[key].constructor({ headersTimeout: 100, bodyTimeout: 100 });
  const answers = [];
  const server = createServer((_, res) => answers.push(() => res.end('late')));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const outcomeOf = (options) => fetch('http://127.0.0.1:' + server.address().port, options).then(
    (response) => response.text(),
    (error) => error.cause.code,
  );
  const late = outcomeOf(${options});
  await outcomeOf({});
  for (const answer of answers) answer();
  console.log(await late);
  process.exit();
`;

async function outcomeOf(options: string): Promise<string> {
  const args = ['--input-type=module', '--eval', script(options)];
  return (await promisify(execFile)(process.execPath, args)).stdout.trim();
}

test('an answer that begins late is waited for', async () => {
  expect(await outcomeOf('patientDispatcher()')).toBe('late');
});

test('still needed: Node gives up when no answer has begun for a time, and only its dispatcher knows that time', async () => {
  expect(await outcomeOf('{}')).toBe('UND_ERR_HEADERS_TIMEOUT');
});
