/** The types of a copy of the project: of its product and of some tests, without the tests that lie beside the product. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
const PRODUCT = ['shared', 'functions', 'sandbox', 'vision', 'local-cloud', 'local', 'deploy'];
const CONFIG = 'tsconfig.without.json';

/** @returns a line for each error */
export async function typeErrors(dir: string, tests: readonly string[]): Promise<string[]> {
  const config = {
    extends: './tsconfig.json',
    include: PRODUCT,
    files: tests,
    exclude: ['**/node_modules', '**/dist', '**/*.test.ts', 'deploy/runtime', 'deploy/smoke*.ts'],
  };
  writeFileSync(join(dir, CONFIG), JSON.stringify(config));
  try {
    await promisify(execFile)(process.execPath, [TSC, '-p', CONFIG], { cwd: dir });
    return [];
  } catch (error) {
    const { stdout } = z.object({ stdout: z.string() }).parse(error);
    const lines = stdout.split('\n').filter((line) => /: error TS\d+/.test(line));
    return lines.length > 0 ? lines : [`tsc: ${stdout || String(error)}`];
  }
}
