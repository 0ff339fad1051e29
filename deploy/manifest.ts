/** The packages to install beside a bundle, in exactly the versions that the tests ran with. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { NODE_OPTIONS } from '../local/base/units.ts';

const dependencies = z.record(z.string(), z.string()).default({});
const lockedSchema = z.looseObject({
  version: z.string().optional(),
  dependencies,
  optionalDependencies: dependencies,
});
/** https://docs.npmjs.com/cli/configuring-npm/package-lock-json */
const lockSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), lockedSchema),
});
type Packages = z.infer<typeof lockSchema>['packages'];

export interface Manifest {
  packageJson: object;
  packageLock: object;
}

export function manifestOf(unit: string, packages: string[], lock = readLock()): Manifest {
  const chosen: Packages = {};
  const versions: Record<string, string> = {};
  for (const name of packages) {
    const path = find(lock, '', name);
    const version = path === undefined ? undefined : lock[path]?.version;
    if (path === undefined || version === undefined) throw missing(name, unit);
    versions[name] = version;
    collect(lock, path, chosen);
  }
  const named = { name: `media-analysis-${unit}`, version: lock['']?.version ?? '0.0.0' };
  // Node accepts a cache only if it was compiled with the unit's flags.
  const scripts = { 'gcp-build': `node ${NODE_OPTIONS.join(' ')} warm.js` };
  return {
    packageJson: {
      ...named,
      private: true,
      type: 'commonjs',
      main: 'index.js',
      scripts,
      dependencies: versions,
    },
    packageLock: {
      ...named,
      lockfileVersion: 3,
      requires: true,
      packages: { '': { ...named, dependencies: versions }, ...chosen },
    },
  };
}

function readLock(): Packages {
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  return lockSchema.parse(JSON.parse(text)).packages;
}

/** Copies the lock entries of a package and of everything that it depends on. */
function collect(lock: Packages, path: string, chosen: Packages): void {
  const locked = lock[path];
  if (!locked || path in chosen) return;
  chosen[path] = locked;
  for (const name of Object.keys(locked.dependencies)) {
    const needed = find(lock, path, name);
    if (needed === undefined) throw missing(name, path);
    collect(lock, needed, chosen);
  }
  for (const name of Object.keys(locked.optionalDependencies)) {
    const wanted = find(lock, path, name);
    if (wanted !== undefined) collect(lock, wanted, chosen);
  }
}

/** Searches like Node: in the package's own node_modules, then in those of its parent folders. */
function find(lock: Packages, from: string, name: string): string | undefined {
  const inside = `${from && `${from}/`}node_modules/${name}`;
  if (inside in lock) return inside;
  if (from === '') return undefined;
  return find(lock, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name);
}

function missing(name: string, wantedBy: string): Error {
  return new Error(
    `package-lock.json has no ${name}, which ${wantedBy} needs. Run "npm install" and build again.`,
  );
}
