/** The page loads its parts by a function of ours: `src/page/load-part.ts` says why. */
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Vite's module with the function that each `import()` of the page becomes. */
const VITES = '\0vite/preload-helper.js';
const OURS = join(import.meta.dirname, 'src/page/load-part.ts');

export const loadPartsPlugin: Plugin = {
  name: 'load-parts',
  enforce: 'pre',
  load(id) {
    if (id !== VITES) return null;
    return `export { loadPart as __vitePreload } from ${JSON.stringify(OURS)};`;
  },
};

/** Without it, Vite does not name a part that needs no others. For `build.modulePreload`. */
export function namePart(
  part: string,
  others: string[],
  { hostType }: { hostType: string },
): string[] {
  return hostType === 'html' ? others : [...new Set([part, ...others])];
}
