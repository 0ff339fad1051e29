/** What is started: the units from their sources or from the bundles that are deployed, and the baselines. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unitCommand as commandOf, type UnitName } from '../../local/units.ts';

export const ARTEFACTS = ['bundles', 'sources'] as const;
export type Artefact = (typeof ARTEFACTS)[number];

const BUNDLES = fileURLToPath(new URL('../../dist', import.meta.url));

/** The folder of the bundles, undefined for the sources. @throws {Error} if they were not built. */
export function bundlesOf(artefact: Artefact): string | undefined {
  if (artefact === 'sources') return undefined;
  if (!existsSync(BUNDLES)) throw new Error('There are no bundles in dist/: npm run build.');
  return BUNDLES;
}

export const unitCommand = (name: UnitName, artefact: Artefact): string[] =>
  commandOf(name, bundlesOf(artefact));

export const serverEntry = (name: string): string =>
  fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url));
