/** Where the worker starts a process that opens files (`functions/inspect/inspector.ts`). */
require('./compile-cache.js').useCompileCache();
require('./inspect-child.js');
