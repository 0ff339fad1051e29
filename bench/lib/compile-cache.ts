/**
 * The deployed bundles with Node's own compile cache in the place of our loader (`deploy/runtime/load.js`): the rival
 * in the bench `cold-start`. https://nodejs.org/api/module.html#module-compile-cache
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `deploy/bundle.ts` writes around each file. */
const BANNER = '(function (exports, require, module, __filename, __dirname, fileUrl) {\n';
const FOOTER = '})\n';

/** Node calls a CommonJS module with the same arguments, except for the last one. */
const FILE_URL = "const fileUrl = require('node:url').pathToFileURL(__filename).href;";

const INDEX = `
import { createRequire, enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// The code sets this flag later. V8 refuses a cache that was made with other flags.
setFlagsFromString('--no-allocation-site-pretenuring');
enableCompileCache(join(import.meta.dirname, 'compile-cache'));
createRequire(import.meta.url)('./files/unit.js');
`;

/** @param unit A folder that `npm run build` made. @param folder Gets the same unit, ready to be warmed. */
export function withCompileCache(unit: string, folder: string): void {
  const files = join(folder, 'files');
  mkdirSync(files, { recursive: true });
  for (const name of ['package.json', 'later.json', 'warm.js']) {
    cpSync(join(unit, name), join(folder, name));
  }
  writeFileSync(join(files, 'package.json'), '{ "type": "commonjs" }');
  for (const name of readdirSync(unit).filter((each) => each.endsWith('.js'))) {
    const text = readFileSync(join(unit, name), 'utf8');
    if (!text.startsWith(BANNER)) continue;
    if (!text.endsWith(FOOTER)) throw new Error(`${name} does not end as a bundle does.`);
    const body = text.slice(BANNER.length, -FOOTER.length);
    writeFileSync(join(files, name), `${FILE_URL}${body}`);
  }
  writeFileSync(join(folder, 'index.js'), INDEX);
  writeFileSync(join(folder, 'warm.js'), warm(readFileSync(join(unit, 'warm.js'), 'utf8')));
}

/** The same first request; what Node keeps of it is written by `flushCompileCache`. */
function warm(ours: string): string {
  const rest = `
import { createRequire, flushCompileCache } from 'node:module';
await import('./index.js');
const packages = createRequire(new URL('./files/unit.js', import.meta.url));
await packages('./unit.js').default();
for (const name of JSON.parse(readFileSync(new URL('./later.json', import.meta.url), 'utf8'))) packages(name);
flushCompileCache();
process.exit(0);
`;
  const [settings] = ours.split("const { keepCompiled, load } = await import('./load.js');");
  if (settings === undefined || settings === ours) throw new Error('warm.js loads no load.js.');
  return `${settings}${rest}`;
}
