/** Tells whether the neural networks are installed: `npm ci --omit=optional` leaves them out. */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

export function isInstalled(): boolean {
  const manifest = readFileSync(new URL('./package.json', import.meta.url), 'utf8');
  const { optionalDependencies } = JSON.parse(manifest) as {
    optionalDependencies: Record<string, string>;
  };
  return Object.keys(optionalDependencies).every(isFound);
}

/** Only looks for the package: what it exports may be large to load, or may not be importable. */
function isFound(name: string): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined;
  } catch {
    return false;
  }
}
