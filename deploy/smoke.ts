/** `npm run smoke -- https://…`: checks that a running service does its main job. */
import { parseArgs } from 'node:util';
import { ProxyError, useProxy } from './proxy.ts';
import { type Step, smokeSteps } from './smoke-steps.ts';

const USAGE = `npm run smoke -- URL [--timeout SECONDS]

  URL        address of the page, e.g. http://localhost:8080
  --timeout  limit for the whole journey; default 120

SMOKE_TOKEN  a user's token; needed everywhere but at the local gateway`;

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

function readArguments(): { url: string; timeoutMs: number } {
  const options = { timeout: { type: 'string', default: '120' } } as const;
  try {
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    const url = URL.parse(positionals[0] ?? '');
    const seconds = Number(values.timeout);
    if (url && positionals.length === 1 && /^https?:$/.test(url.protocol) && seconds > 0) {
      return { url: url.href.replace(/\/$/, ''), timeoutMs: seconds * 1_000 };
    }
  } catch {
    // An unknown option: print the usage.
  }
  console.error(USAGE);
  process.exit(2);
}
