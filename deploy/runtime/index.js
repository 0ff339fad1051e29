/** Where the platform starts a unit. */
require('./compile-cache.js').useCompileCache();
require('./unit.js');
