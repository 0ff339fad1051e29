/** The platform starts a unit here. */
require('./compile-cache.js').useCompileCache();
require('./unit.js');
