/**
 * Commands for the units, from their sources or from the deployed bundles, and entries of the baselines.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unitCommand as commandOf, type UnitName } from '../../local/base/units.ts';

export const ARTEFACTS = ['bundles', 'sources'] as const;
export type Artefact = (typeof ARTEFACTS)[number];

const BUNDLES = fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * The folder of the bundles; undefined for the sources. @throws {Error} If the bundles were not built.
 */
export function bundlesOf(artefact: Artefact): string | undefined {
  if (artefact === 'sources') return undefined;
  if (!existsSync(BUNDLES)) throw new Error('There are no bundles in dist/. Run: npm run build');
  return BUNDLES;
}

export const unitCommand = (name: UnitName, artefact: Artefact): string[] =>
  commandOf(name, bundlesOf(artefact));

export const serverEntry = (name: string): string =>
  fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url));
