/** Runs before the first commands of a checkout: without the packages, Node 20 would only say ERR_UNKNOWN_FILE_EXTENSION. */
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../../node_modules/node', import.meta.url))) {
  console.error('The packages are not here yet. Run: npm ci');
  process.exit(1);
}
