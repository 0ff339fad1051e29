/**
 * A real browser. On Linux with x64 an npm package carries it, and nothing of the system is needed. Elsewhere it is the
 * Chrome or Edge that is installed. `CHROME_PATH` names another one, on each system.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';

/** As playwright-core names them: https://playwright.dev/docs/browsers#google-chrome--microsoft-edge */
const INSTALLED = ['chrome', 'msedge'];

/**
 * Not the package's own flags: those switch off the very things that are tested here, as the
 * same-origin policy.
 */
const FLAGS = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-background-networking'];

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
  const folder = mkdtempSync(join(tmpdir(), 'browser-'));
  const fonts = join(folder, 'fonts.conf');
  writeFileSync(fonts, `<fontconfig><dir>${folder}/fonts</dir></fontconfig>`);
  const { browser, close } = await launch({
    executablePath: await unpack(folder),
    args: FLAGS,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: fonts,
    },
  });
  return {
    browser,
    async close() {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The package unpacks to the folder for temporary files, and takes half a file for a whole one: test runs
 * side by side each need a folder of their own, which only a process of its own can be told. The shared
 * libraries that a bare system lacks come along where it believes to run on a bare system, AWS Lambda.
 */
async function unpack(folder: string): Promise<string> {
  const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
  const script = fileURLToPath(new URL('unpack.ts', import.meta.url));
  return (await promisify(execFile)(process.execPath, [script], { env })).stdout;
}
