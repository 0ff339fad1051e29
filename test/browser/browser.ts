/** A real browser, carried by an npm package: nothing of the system is needed. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';

/**
 * Not the package's own flags: those switch off the very things that are tested here, as the
 * same-origin policy.
 */
const FLAGS = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-background-networking'];

export interface TestBrowser {
  browser: Browser;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<TestBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'browser-'));
  const fonts = join(folder, 'fonts.conf');
  writeFileSync(fonts, `<fontconfig><dir>${folder}/fonts</dir></fontconfig>`);
  const browser = await chromium.launch({
    executablePath: await unpack(folder),
    args: FLAGS,
    timeout: HANG_LIMIT_MS,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: fonts,
    },
  });
  return {
    browser,
    async close() {
      await browser.close();
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
