/** Whether the neural networks are here: `npm ci --omit=optional` leaves them out. */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** False if one of the packages that the vision process needs is missing. */
export function isInstalled(): boolean {
  const manifest = readFileSync(new URL('./package.json', import.meta.url), 'utf8');
  const { optionalDependencies } = JSON.parse(manifest) as {
    optionalDependencies: Record<string, string>;
  };
  return Object.keys(optionalDependencies).every(isFound);
}

/** Nothing of the package is loaded, as what it exports may be large, or hidden from others. */
function isFound(name: string): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined;
  } catch {
    return false;
  }
}
