/** `npm run smoke -- https://…`: checks that a running service does its main job. */
import { readCommand } from './npm-options.ts';
import { ProxyError, useProxy } from './proxy.ts';
import { type Step, smokeSteps } from './smoke-steps.ts';

const USAGE = `npm run smoke -- URL [--timeout SECONDS]

  URL        address of the page, e.g. http://localhost:8080
  --timeout  limit for the whole journey; default 120

SMOKE_TOKEN  a user's token; needed everywhere but at "npm start" without a sign-in (docs/sign-in.md#with-curl says how to get one)`;

const { url, timeoutMs } = readArguments();
try {
  useProxy(process.env);
} catch (error) {
  if (!(error instanceof ProxyError)) throw error;
  console.error(error.message);
  process.exit(1);
}
const signal = AbortSignal.timeout(timeoutMs);
const { steps, cleanUp } = smokeSteps({ url, token: process.env.SMOKE_TOKEN || undefined, signal });

let failed = false;
for (const step of steps) {
  if (failed) print(step, 'skipped', 0, '');
  else failed = !(await run(step));
}
failed = !(await run(cleanUp)) || failed;
console.log(failed ? `\n${url} does not work.` : `\n${url} works.`);
process.exit(failed ? 1 : 0);

async function run(step: Step): Promise<boolean> {
  const started = performance.now();
  try {
    const seen = await step.run();
    print(step, 'ok', performance.now() - started, seen);
    return true;
  } catch (error) {
    const late = signal.aborted && (error as Error).name === 'TimeoutError';
    const what = late ? `Not done within ${timeoutMs / 1_000} s.` : (error as Error).message;
    print(step, 'FAILED', performance.now() - started, what);
    return false;
  }
}

function print({ name }: Step, outcome: string, ms: number, what: string): void {
  const time = outcome === 'skipped' ? '' : `${Math.round(ms)} ms`;
  console.log(`${name.padEnd(9)} ${outcome.padEnd(8)} ${time.padStart(8)}  ${what}`.trimEnd());
}

function readArguments() {
  const options = { timeout: { type: 'string', default: '120' } } as const;
  return readCommand('smoke', USAGE, options, (values, positionals) => {
    const [address, ...more] = positionals;
    if (address === undefined || more.length > 0) throw new Error('Name one URL.');
    if (!/^https?:\/\//.test(address))
      throw new Error(`${address}: http:// or https:// is missing.`);
    const url = URL.parse(address);
    if (!url) throw new Error(`${address} is no URL.`);
    const seconds = Number(values.timeout);
    if (!(seconds > 0)) throw new Error(`--timeout ${values.timeout}: write a number of seconds.`);
    return { url: url.href.replace(/\/$/, ''), timeoutMs: seconds * 1_000 };
  });
}
