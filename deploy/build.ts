/** `npm run build`: builds everything for a deployment, into `dist/` and `web/dist/`. */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeAnalyses } from '../local/analyses.ts';
import { buildPage } from '../web/build-page.ts';
import { bundleUnit } from './bundle.ts';
import { manifestOf } from './manifest.ts';
import { copyPage } from './page.ts';
import { buildTools } from './tools.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const UNITS = ['api', 'worker', 'stream'] as const;
type Unit = (typeof UNITS)[number];

/** The licence of the file that `deploy/place-names.ts` makes. */
const PLACE_NOTICE = `
## place-names.br (CC-BY-4.0)

Names and coordinates of places: GeoNames, https://www.geonames.org, chosen, packed and with further Japanese names. They are under
https://creativecommons.org/licenses/by/4.0/.
`;

/**
 * @param dist receives one folder for each unit, complete and ready to be deployed
 * @returns the names of all packages that are deployed with these units, including workspaces
 */
export async function buildUnits(
  dist: string,
  units: readonly Unit[] = UNITS,
): Promise<Set<string>> {
  const deployed = await Promise.all(units.map((unit) => buildUnit(unit, join(dist, unit))));
  return new Set(deployed.flat());
}

async function buildUnit(unit: Unit, folder: string): Promise<string[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { packages, later, contents, notices } = await bundleUnit(unit, folder);
  const { packageJson, packageLock } = manifestOf(unit, packages);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  await Promise.all([
    copyFile(here('runtime/index.js'), join(folder, 'index.js')),
    copyFile(here('runtime/compile-cache.js'), join(folder, 'compile-cache.js')),
    copyFile(here('runtime/warm.js'), join(folder, 'warm.js')),
    writeFile(join(folder, 'later.json'), json(later)),
    writeFile(
      join(folder, 'THIRD-PARTY-NOTICES.md'),
      unit === 'worker' ? notices + PLACE_NOTICE : notices,
    ),
    writeFile(join(folder, 'package.json'), json(packageJson)),
    packages.length > 0 && writeFile(join(folder, 'package-lock.json'), json(packageLock)),
    unit === 'worker' &&
      copyFile(here('runtime/inspect-process.js'), join(folder, 'inspect-process.js')),
    unit === 'worker' &&
      copyFile(here('../functions/inspect/place-names.br'), join(folder, 'place-names.br')),
    unit === 'stream' &&
      copyFile(here('../functions/stream/Dockerfile'), join(folder, 'Dockerfile')),
  ]);
  return [...contents, ...packages];
}

if (import.meta.main) {
  await writeAnalyses();
  await Promise.all([buildUnits(here('../dist')), buildPage(), buildTools(here('../dist'))]);
  await copyPage(here('../web/dist'), here('../dist/stream/page'));
  console.log('Built: dist/api, dist/worker, dist/stream, web/dist.');
}
