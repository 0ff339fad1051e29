/**
 * A real browser. On Linux with x64 an npm package carries it, and nothing of the system is needed. Elsewhere it is the
 * Chrome or Edge that is installed. `CHROME_PATH` names another one, on each system.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { makeOnce } from '../support/make-once.ts';

/** As playwright-core names them: https://playwright.dev/docs/browsers#google-chrome--microsoft-edge */
const INSTALLED = ['chrome', 'msedge'];

/**
 * Not the package's own flags: those switch off the very things that are tested here, as the
 * same-origin policy.
 */
const FLAGS = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-background-networking'];

/** Of the package that carries the browser. */
const MANIFEST = new URL('../../node_modules/@sparticuz/chromium/package.json', import.meta.url);

export interface TestBrowser {
  browser: Browser;
  close(): Promise<void>;
}

/** @throws {Error} that says what to install, where no browser is found. */
export async function startBrowser(env = process.env): Promise<TestBrowser> {
  if (env.CHROME_PATH) return launch({ executablePath: env.CHROME_PATH });
  if (process.platform === 'linux' && process.arch === 'x64') return startCarried();
  const failures: unknown[] = [];
  for (const channel of INSTALLED) {
    try {
      return await launch({ channel });
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(
    failures,
    'The browser that the tests carry is for Linux on x64. Install Google Chrome or Microsoft Edge, or set CHROME_PATH to a Chromium.',
  );
}

async function launch(options: LaunchOptions): Promise<TestBrowser> {
  const browser = await chromium.launch({
    args: ['--disable-background-networking'],
    timeout: HANG_LIMIT_MS,
    ...options,
  });
  return { browser, close: () => browser.close() };
}

async function startCarried(): Promise<TestBrowser> {
  const { version } = JSON.parse(await readFile(MANIFEST, 'utf8')) as { version: string };
  const folder = await makeOnce('chromium', version, unpack);
  return launch({
    executablePath: join(folder, 'chromium'),
    args: FLAGS,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  });
}

/**
 * The package unpacks to the folder for temporary files, and takes half a file for a whole one: so it gets a folder of its own,
 * which only a process of its own can be told. The shared libraries that a bare system lacks come along where it believes
 * to run on a bare system, AWS Lambda.
 */
async function unpack(folder: string): Promise<void> {
  const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
  const script = fileURLToPath(new URL('unpack.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script], { env });
  const fonts = '<dir prefix="relative">fonts</dir>';
  await writeFile(join(folder, 'fonts.conf'), `<fontconfig>${fonts}</fontconfig>`);
}
