/** Where the worker starts a process that opens files (`functions/inspect/inspector.ts`). */
import { keepCompiled, load, useCache } from './load.js';

// Its flags are not those of the unit, so it has a code cache of its own. `warm.js` fills it.
useCache('code-cache-inspect');
if (process.env.KEEP_COMPILED) process.on('exit', keepCompiled);
load('./inspect-child.js');
