/** The deployed units, as Node runs them. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export type UnitName = 'api' | 'worker' | 'stream';

/**
 * As deployed (`terraform/units.tf`). Node's young generation grows to three times 16 MB, which a unit with a heap of 50 MB
 * has no use for: at 2 MB it starts 15 MB and works 30 MB smaller, at the same speed.
 */
export const NODE_OPTIONS = ['--max-semi-space-size=2', '--expose-gc'];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where a unit's code is: in the sources, or in the folder of the bundles that are deployed. */
export function unitCommand(name: UnitName, bundles: string | undefined): string[] {
  const entry = bundles ? join(bundles, name, 'index.js') : here(`../functions/${name}/index.ts`);
  return name === 'stream' ? [entry] : functionCommand(name, entry);
}

/**
 * Functions run under functions-framework's own command, as they do when deployed: the one that is
 * installed where they are.
 */
export function functionCommand(name: string, entry: string): string[] {
  const framework = createRequire(entry).resolve('@google-cloud/functions-framework');
  const main = new URL('./main.js', pathToFileURL(framework));
  return [fileURLToPath(main), `--source=${entry}`, `--target=${name}`, '--signature-type=http'];
}
