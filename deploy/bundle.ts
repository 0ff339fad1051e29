/** Bundles one unit into a folder, with esbuild. */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type OutputFile, transform } from 'esbuild';
import { noticesOf } from './notices.ts';
import { finishedDocuments, inlineJson, lateDescriptors, namedExports } from './plugins.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Packages to install, and the parts of them that are loaded from there. The platform starts a function with the command of the
 * installed functions-framework, and the unit has to register with that very copy. Sharp's native code cannot be bundled.
 */
const INSTALLED: Readonly<Record<string, string>> = {
  '@google-cloud/functions-framework': '@google-cloud/functions-framework',
  sharp: '@img/*',
};

/**
 * Deprecated modules of Node (DEP0040, https://nodejs.org/api/deprecations.html#dep0040-nodepunycode-module) with a replacement.
 * Node warns of them in bundles, though not in packages. Genkit's plugin needs node-fetch 2, which needs punycode.
 */
const REPLACED = { punycode: createRequire(import.meta.url).resolve('punycode/') };

export interface Bundle {
  /** Packages that have to be installed beside it. */
  packages: string[];
  /** Modules that it loads later, each named as one of its files would import it. */
  later: string[];
  /** Names of the bundled packages, including workspaces. */
  contents: string[];
  /** The licences of the bundled packages, as one text. */
  notices: string;
}

/** Modules that a unit starts as processes of their own, by the names of their files. */
function processesOf(unit: string): Record<string, string> {
  return unit === 'worker' ? { 'inspect-child': 'functions/inspect/child.ts' } : {};
}

/** @param folder receives `unit.js` and its chunks */
export async function bundleUnit(unit: string, folder: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { unit: `functions/${unit}/index.ts`, ...processesOf(unit) },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Neither minified nor with `keepNames`: stack traces stay readable, and `keepNames` costs the stream 25 KB for each of its
    // streams. No source maps: Node would read each of them at the start.
    // Modules that are imported later stay files of their own.
    splitting: true,
    chunkNames: '[name]-[hash]',
    external: Object.values(INSTALLED),
    alias: REPLACED,
    plugins: [inlineJson, lateDescriptors, namedExports, finishedDocuments],
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const used = reachable(metafile);
  await Promise.all(
    outputFiles.filter(({ path }) => used.has(relative(ROOT, path))).map(asCommonJs),
  );
  return describe(metafile, used);
}

/**
 * esbuild splits only ES modules. As CommonJS the same files start with less CPU time (`docs/decisions/0012-code-cache.md`), and
 * packages in them find `require`.
 */
async function asCommonJs({ path, text }: OutputFile): Promise<void> {
  const { code } = await transform(text, {
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    supported: { 'dynamic-import': false },
    define: {
      'import.meta.url': 'fileUrl',
      'import.meta.filename': '__filename',
      'import.meta.dirname': '__dirname',
    },
    banner: "const fileUrl = require('node:url').pathToFileURL(__filename).href;",
  });
  await writeFile(path, code);
}

/** The files that the entry points can load: esbuild also writes unused ones. */
const ENTRIES = new Set(['unit.js', 'inspect-child.js']);

function reachable({ outputs }: Metafile): Set<string> {
  const used = new Set<string>();
  const visit = (path: string) => {
    if (used.has(path)) return;
    used.add(path);
    for (const { path: next, external } of outputs[path]?.imports ?? []) if (!external) visit(next);
  };
  for (const path of Object.keys(outputs)) if (ENTRIES.has(basename(path))) visit(path);
  return used;
}

function describe({ outputs }: Metafile, used: Set<string>): Bundle {
  const imports = [...used].flatMap((path) => outputs[path]?.imports ?? []);
  const packages = Object.keys(INSTALLED).filter((name) => {
    const outside = INSTALLED[name]?.replace('*', '') ?? name;
    return imports.some(({ path, external }) => external && path.startsWith(outside));
  });
  const later = imports
    .filter(({ kind }) => kind === 'dynamic-import')
    .map(({ path, external }) => (external ? path : `./${basename(path)}`));
  const sources = [...used].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
  const contents = new Set(sources.map(packageOf));
  const notices = noticesOf(sources, ROOT);
  return { packages, later: [...new Set(later)].sort(), contents: [...contents].sort(), notices };
}

/** `node_modules/@grpc/grpc-js/build/src/index.js` belongs to `@grpc/grpc-js`, and `shared/errors.ts` to a workspace. */
function packageOf(source: string): string {
  const installed = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
  return installed ?? `@media-analysis/${source.split('/', 1)[0]}`;
}
