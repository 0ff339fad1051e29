/**
 * Node's own compile cache, for a unit and for the processes that it starts. `warm.js` fills it where the unit is installed.
 * Without it a start is only slower: Node compiles files without a cache, or with a cache of another version, another user, other
 * flags or another kind of CPU. https://nodejs.org/api/module.html#module-compile-cache
 */
const { existsSync, mkdirSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

const FOLDER = join(__dirname, 'compile-cache');

/** Call it before the unit is loaded. If `warm.js` did not run, the unit writes no cache either. */
function useCompileCache() {
  if (!existsSync(FOLDER)) return;
  try {
    enableCompileCache({ directory: FOLDER, portable: true });
  } catch {
    // Node before 24.12 takes no options, and starts without a cache.
  }
}

function createCompileCache() {
  mkdirSync(FOLDER, { recursive: true });
  useCompileCache();
}

module.exports = { useCompileCache, createCompileCache };
