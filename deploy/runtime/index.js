/**
 * Where the platform starts a unit. What V8 compiled is read from disk instead of compiled again, if
 * `warm.js` ran where the unit is installed; the folder is of use to no other version of Node.
 * https://nodejs.org/api/module.html#module-compile-cache
 */
import module from 'node:module';

module.enableCompileCache(`${import.meta.dirname}/compile-cache`);
// Of packages Node does not say which old functions they use; it no longer sees that these are packages.
process.noDeprecation = true;
await import('./unit.js');
