/** The worker starts processes that open files here (`functions/inspect/inspector.ts`). */
require('./compile-cache.js').useCompileCache();
require('./inspect-child.js');
