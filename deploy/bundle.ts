/** One unit as a folder of bundles, with esbuild. */
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { inlineJson, inlineText, namedExports } from './plugins.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * What stays a package. sharp is native code. functions-framework is what starts a function: the platform
 * runs the command of the installed package, and the unit has to register with that very copy.
 */
const PACKAGES = ['@google-cloud/functions-framework', 'sharp'];

/** For the packages that are CommonJS still, as most that Google's clients use are. */
const COMMON_JS = [
  "import { createRequire as createRequireHere } from 'node:module';",
  'const require = createRequireHere(import.meta.url);',
  'const { filename: __filename, dirname: __dirname } = import.meta;',
].join('\n');

export interface Bundle {
  /** Packages that have to be installed beside it. */
  packages: string[];
  /** What it loads later on, named as one of its files would. */
  later: string[];
}

/** @param folder Gets `unit.js` and its chunks. */
export async function bundleUnit(unit: string, folder: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { unit: `functions/${unit}/index.ts` },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // What is imported later stays a file of its own.
    splitting: true,
    chunkNames: '[name]-[hash]',
    external: PACKAGES,
    plugins: [inlineJson, inlineText, namedExports],
    // Functions of one name are renamed in a bundle, and the log and `analysis/genkit.ts` go by names.
    keepNames: true,
    // For `--enable-source-maps`, which is off: it slows each start, and the bundle can be read as it is.
    sourcemap: 'linked',
    sourcesContent: false,
    banner: { js: COMMON_JS },
    metafile: true,
    logLevel: 'warning',
  });
  const used = reachable(metafile);
  const unused = Object.keys(metafile.outputs).filter(
    (path) => !used.has(path.replace(/\.map$/, '')),
  );
  await Promise.all(unused.map((path) => rm(join(ROOT, path))));
  return describe(metafile, used);
}

/** The files that `unit.js` can come to load: esbuild also writes those that nothing asks for any more. */
function reachable({ outputs }: Metafile): Set<string> {
  const used = new Set<string>();
  const visit = (path: string) => {
    if (used.has(path)) return;
    used.add(path);
    for (const { path: next, external } of outputs[path]?.imports ?? []) if (!external) visit(next);
  };
  const entry = Object.keys(outputs).find((path) => basename(path) === 'unit.js');
  if (entry !== undefined) visit(entry);
  return used;
}

function describe({ outputs }: Metafile, used: Set<string>): Bundle {
  const imports = [...used].flatMap((path) => outputs[path]?.imports ?? []);
  const packages = PACKAGES.filter((name) => imports.some(({ path }) => path === name));
  const later = imports
    .filter(({ kind }) => kind === 'dynamic-import')
    .map(({ path, external }) => (external ? path : `./${basename(path)}`));
  return { packages, later: [...new Set(later)].sort() };
}
