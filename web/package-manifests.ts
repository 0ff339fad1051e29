/** The package.json of each package that apps install. Versions and ranges are those of this project. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import webJson from './package.json' with { type: 'json' };

export const PACKAGES = ['client', 'react'] as const;
export type PackageName = (typeof PACKAGES)[number];

/** `repository` is absent until it is known where the sources are: provenance would be refused with a wrong one. */
const ROOT: { version: string; license: string; repository?: object; homepage?: string } =
  JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));

/** What `eventsource-parser` asks for; the scripts of this project bring a Node of their own. */
const OLDEST_NODE = '>=22.12';

const WHAT: Record<PackageName, string> = {
  client:
    'Sends photos and videos to media-analysis and watches each one live. For browsers and Node, without a framework.',
  react: 'media-analysis in a React app: the whole as one component, its parts, and its hooks.',
};

export const nameOf = (name: PackageName) => `@media-analysis/${name}`;

export type Manifest = ReturnType<typeof manifestOf>;

export function manifestOf(name: PackageName) {
  const { version, license, repository, homepage } = ROOT;
  const { dependencies, peerDependencies } = webJson;
  const only = (...names: (keyof typeof dependencies)[]) =>
    Object.fromEntries(names.map((each) => [each, dependencies[each]]));
  const types = { types: `./dist/types/${name}/index.d.ts`, default: './dist/index.js' };
  const common = {
    name: nameOf(name),
    version,
    description: WHAT[name],
    keywords: ['photos', 'videos', 'upload', 'image-analysis', 'server-sent-events'],
    license,
    ...(repository && { repository: { ...repository, directory: 'web' } }),
    ...(homepage && { homepage }),
    type: 'module',
    engines: { node: OLDEST_NODE },
    files: ['dist', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES.md'],
    publishConfig: { access: 'public', provenance: true },
  };
  if (name === 'client') {
    return {
      ...common,
      sideEffects: false,
      exports: {
        '.': types,
        './node': { types: './dist/types/client/node.d.ts', default: './dist/node.js' },
        './package.json': './package.json',
      },
      // Of zod it needs the types only.
      // Mediabunny is built in: it would install `@types/dom-webcodecs`, which older TypeScript reads beside its own `lib.dom`.
      dependencies: only('eventsource-parser', 'zod'),
      peerDependencies: {},
    };
  }
  const styles = { types: './dist/types/styles.d.ts', default: './dist/styles.css' };
  return {
    ...common,
    sideEffects: ['**/*.css'],
    exports: { '.': types, './styles.css': styles, './package.json': './package.json' },
    // The two know each other's insides, so they are of one release.
    dependencies: { [nameOf('client')]: version, ...only('@tanstack/react-query', 'idb-keyval') },
    peerDependencies,
  };
}
