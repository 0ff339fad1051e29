/** One unit as a folder of bundles, with esbuild. */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type OutputFile, transform } from 'esbuild';
import { noticesOf } from './notices.ts';
import { finishedDocuments, inlineJson, lateDescriptors, namedExports } from './plugins.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * What has to be installed, and what of it is loaded from there. functions-framework is what starts a function:
 * the platform runs the command of the installed package, and the unit has to register with that very copy.
 * Of sharp the native code stays outside.
 */
const INSTALLED: Readonly<Record<string, string>> = {
  '@google-cloud/functions-framework': '@google-cloud/functions-framework',
  sharp: '@img/*',
};

/**
 * What Node has and deprecates (DEP0040, https://nodejs.org/api/deprecations.html#dep0040-nodepunycode-module). Of a package
 * Node says nothing, but a bundle is no package: the worker would print the warning. node-fetch 2 asks for it, which
 * Genkit's plugin brings.
 */
const REPLACED = { punycode: createRequire(import.meta.url).resolve('punycode/') };

export interface Bundle {
  /** Packages that have to be installed beside it. */
  packages: string[];
  /** What it loads later on, named as one of its files would. */
  later: string[];
  /** Names of the packages whose code is in it, those of the workspaces included. */
  contents: string[];
  /** The licences of what is in it, as one text. */
  notices: string;
}

/** Modules that a unit starts as processes of their own, by the names of their files. */
function processesOf(unit: string): Record<string, string> {
  return unit === 'worker' ? { 'inspect-child': 'functions/inspect/child.ts' } : {};
}

/** @param folder Gets `unit.js` and its chunks. */
export async function bundleUnit(unit: string, folder: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { unit: `functions/${unit}/index.ts`, ...processesOf(unit) },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // What is imported later stays a file of its own.
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
 * esbuild splits only ES modules. As CommonJS the same files start with less CPU time
 * (`docs/decisions/0012-code-cache.md`), and the packages in them find the `require` that they ask for.
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

/** The files that the entry points can come to load: esbuild also writes those that nothing asks for any more. */
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

/** `node_modules/@grpc/grpc-js/build/src/index.js` is of `@grpc/grpc-js`, and `shared/errors.ts` of a workspace. */
function packageOf(source: string): string {
  const installed = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];
  return installed ?? `@media-analysis/${source.split('/', 1)[0]}`;
}
