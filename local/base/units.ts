/** The deployed units and the commands that run them. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export type UnitName = 'api' | 'worker' | 'stream';

/**
 * The flags of the deployed units (`terraform/units.tf`). By default Node's young generation grows to three times 16 MB, which a
 * unit with a heap of 50 MB does not need. With 2 MB it needs 15 MB less at the start and 30 MB less at work, at the same speed.
 */
export const NODE_OPTIONS = ['--max-semi-space-size=2', '--expose-gc'];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** @param bundles folder of the deployed bundles; undefined: the sources */
export function unitCommand(name: UnitName, bundles: string | undefined): string[] {
  const entry = bundles
    ? join(bundles, name, 'index.js')
    : here(`../../functions/${name}/index.ts`);
  return name === 'stream' ? [entry] : functionCommand(name, entry);
}

/** As in a deployment, functions-framework's own command runs a function: the version that is installed beside it. */
export function functionCommand(name: string, entry: string): string[] {
  const framework = createRequire(entry).resolve('@google-cloud/functions-framework');
  const main = new URL('./main.js', pathToFileURL(framework));
  return [fileURLToPath(main), `--source=${entry}`, `--target=${name}`, '--signature-type=http'];
}
