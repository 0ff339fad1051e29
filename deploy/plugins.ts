/** Plugins for packages that esbuild alone cannot bundle. */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/**
 * The Cloud Tasks client reads its protocol and settings from files beside it, by a path that it computes as it loads. A bundler
 * follows only literal paths.
 */
const JSON_BY_PATH = /\bgetJSON\(path\.join\(dirname, ([^()]*)\)\)/g;

export const inlineJson: Plugin = {
  name: 'inline-json',
  setup({ onLoad }) {
    onLoad({ filter: /@google-cloud[\\/]tasks[\\/].*_client\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const written = source.replaceAll(JSON_BY_PATH, (_all, parts: string) => {
        const names = [...parts.matchAll(/'([^']*)'/g)].map(([, name]) => name);
        return `require('./${names.join('/')}')`;
      });
      if (written === source) throw new Error(`${path} reads no JSON by its path any more.`);
      return { contents: written, loader: 'js' };
    });
  },
};

/**
 * `await import()` of a CommonJS package gives names in Node, which finds them in its source, but only `default` in a bundle that
 * is split. So such an import goes through a module that writes the names out.
 */
export const namedExports: Plugin = {
  name: 'named-exports',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^[^.]/ }, async ({ path, kind, importer, resolveDir }) => {
      if (kind !== 'dynamic-import' || !importer.endsWith('.ts')) return undefined;
      const found = await resolve(path, { kind: 'import-statement', importer, resolveDir });
      if (found.external || found.errors.length > 0) return undefined;
      const names = Object.keys(await import(pathToFileURL(found.path).href));
      // Only CommonJS has that name: https://nodejs.org/api/esm.html#commonjs-namespaces
      if (!names.includes('module.exports')) return undefined;
      const usual = names.filter((name) => /^(?!__esModule$)[\w$]+$/.test(name));
      return { path, namespace: 'named-exports', pluginData: { resolveDir, names: usual } };
    });
    onLoad({ filter: /^/, namespace: 'named-exports' }, ({ path, pluginData }) => ({
      contents: `export { ${pluginData.names} } from ${JSON.stringify(path)};`,
      resolveDir: pluginData.resolveDir,
    }));
  },
};

/**
 * `functions/hosting/documents.ts` makes the API's document from sources that are not deployed. Its exports are texts, so the
 * bundle contains them.
 */
export const finishedDocuments: Plugin = {
  name: 'finished-documents',
  setup({ onLoad }) {
    onLoad({ filter: /functions[\\/]hosting[\\/]documents\.ts$/ }, async ({ path }) => {
      const texts: Record<string, string> = await import(pathToFileURL(path).href);
      const lines = Object.entries(texts).map(
        ([name, text]) => `export const ${name} = ${JSON.stringify(text)};`,
      );
      return { contents: lines.join('\n'), loader: 'js' };
    });
  },
};

/**
 * gRPC's loader describes each message and file of a client as it starts, for reflection, which nobody uses here: a fifth of a
 * cold start. The replacements describe them on request.
 */
const EAGER: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [
    /const \w+Descriptor = (\w+)\.toDescriptor\('proto3'\);/g,
    "const described = () => $1.toDescriptor('proto3');",
  ],
  [
    /\btype: (\w+)\.(\$type\.toObject)\(\1, (\w+)\),/g,
    'get type() { const it = described(); return it.$2(it, $3); },',
  ],
  [/fileDescriptorProtos: (\w+),/g, 'get fileDescriptorProtos() { return $1(); },'],
  [
    /const descriptorList = (.*);\s*const bufferList = descriptorList/g,
    'let list; const bufferList = () => list ??= $1',
  ],
];

export const lateDescriptors: Plugin = {
  name: 'late-descriptors',
  setup({ onLoad }) {
    onLoad(
      { filter: /@grpc[\\/]proto-loader[\\/]build[\\/]src[\\/]index\.js$/ },
      async ({ path }) => {
        let contents = await readFile(path, 'utf8');
        for (const [pattern, instead] of EAGER) {
          const written = contents.replace(pattern, instead);
          if (written === contents)
            throw new Error(`${path} has nothing like ${pattern} any more.`);
          contents = written;
        }
        return { contents, loader: 'js' };
      },
    );
  },
};
