/**
 * Loads the unit's files, with what V8 compiled of them when `warm.js` ran where the unit is installed.
 * Node's own compile cache would know only what is compiled as a module loads; this one also has the functions
 * that ran, which is most of what a first request runs. What another version of Node or other flags of V8
 * made is refused by V8, and the file compiled anew.
 * https://nodejs.org/api/vm.html#scriptcreatecacheddata
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

// What `functions/process/memory.ts` sets: later it would make V8 refuse every cache.
setFlagsFromString('--no-allocation-site-pretenuring');

const HERE = import.meta.dirname;
let cache = join(HERE, 'code-cache');
const packages = createRequire(import.meta.url);
const modules = new Map();
const scripts = new Map();

/** @param name A file beside this one (`./chunk.js`), or a package. */
export function load(name) {
  if (!name.startsWith('./')) return packages(name);
  const known = modules.get(name);
  if (known) return known.exports;
  const filename = join(HERE, name);
  const cachedData = cached(name);
  const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData });
  if (!cachedData || script.cachedDataRejected) scripts.set(name, script);
  const module = { exports: {} };
  // Before it runs: chunks may ask for one another.
  modules.set(name, module);
  try {
    const run = script.runInThisContext();
    run(module.exports, require, module, filename, HERE, pathToFileURL(filename).href);
  } catch (error) {
    // Whoever asks again is to see it fail again, and not a half of it.
    modules.delete(name);
    throw error;
  }
  return module.exports;
}

const require = Object.assign((name) => load(name), { resolve: packages.resolve });

function cached(name) {
  try {
    return readFileSync(join(cache, name));
  } catch {
    return undefined;
  }
}

/** @param folder Beside this file; to be called before the first `load`. */
export function useCache(folder) {
  cache = join(HERE, folder);
}

/** Keeps what V8 has compiled by now of each file that was loaded without a cache. */
export function keepCompiled() {
  mkdirSync(cache, { recursive: true });
  for (const [name, script] of scripts) {
    writeFileSync(join(cache, name), script.createCachedData());
  }
}
