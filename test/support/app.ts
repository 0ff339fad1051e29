/** An app in an empty folder outside of the project, with the packages installed by npm from the files that are published. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { currentPackages } from './packages.ts';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');

/** Packages of a React that is installed elsewhere, by their names. */
const REACT_18 = join(ROOT, 'test/packages/react-18/node_modules');

export interface App {
  folder: string;
  /** Writes a file of the app. */
  write(name: string, text: string): Promise<void>;
  /** Runs a program of the app. @returns what it printed */
  run(name: string, ...args: string[]): Promise<string>;
  /** Removes it. */
  close(): Promise<void>;
}

export async function installApp({ react = 19 }: { react?: 18 | 19 } = {}): Promise<App> {
  const packages = await currentPackages();
  const folder = await mkdtemp(join(tmpdir(), 'app-'));
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const ours = readdirSync(packages).filter((name) => name.endsWith('.tgz'));
  const packed = ours.map((name) => [
    `@media-analysis/${/-(client|react)-/.exec(name)?.[1]}`,
    `file:${join(packages, name)}`,
  ]);
  const needed = [...placesOf(needsOf(packages), react)].map(([name, at]) => [name, `file:${at}`]);
  await install(folder, Object.fromEntries([...needed, ...packed]));
  return {
    folder,
    write,
    async run(name, ...args) {
      const { stdout } = await run(process.execPath, [name, ...args], { cwd: folder });
      return stdout;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Without a registry: what the packages need is copied from this project. */
async function install(folder: string, dependencies: Record<string, string>): Promise<void> {
  const manifest = { private: true, type: 'module', dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const options = ['--offline', '--install-links', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options], { cwd: folder, shell: process.platform === 'win32' });
}

/** Installs one packed package in an empty folder. @returns the folder */
export async function installAlone(packed: { folder: string; tarball: string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'app-'));
  const { name, dependencies } = packedSchema.parse(manifestAt(packed.folder));
  // With what one package has for itself: npm would copy only the package.
  for (const [needed, place] of placesOf(Object.keys(dependencies), 19))
    await cp(place, join(folder, 'node_modules', needed), { recursive: true, dereference: true });
  await install(folder, { [name]: `file:${packed.tarball}` });
  return folder;
}

const packedSchema = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()) });

const manifestAt = (path: string): Record<string, Record<string, string> | undefined> =>
  JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

/** What the packages ask for, and the types of React for an app in TypeScript. */
function needsOf(packages: string): string[] {
  const manifests = ['client', 'react'].map((name) => manifestAt(join(packages, name)));
  const named = manifests.flatMap(({ dependencies, peerDependencies }) =>
    Object.keys({ ...dependencies, ...peerDependencies }),
  );
  return [
    ...named.filter((name) => !name.startsWith('@media-analysis/')),
    '@types/react',
    '@types/react-dom',
  ];
}

/** Where these packages lie in this project, and all that they need, by their names. What one has for itself lies in it. */
function placesOf(names: readonly string[], react: 18 | 19): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  const add = (name: string, from: string) => {
    const own = join(from, 'node_modules', name);
    if (from !== ROOT && !existsSync(own)) return add(name, dirname(from));
    const isOther = react === 18 && ['react', 'react-dom', 'scheduler'].includes(name);
    const place = isOther ? join(REACT_18, name) : own;
    if (places.get(name) === place) return;
    // npm copies what lies in a package, and would ask a registry for what lies beside it.
    if (isOther || from === ROOT) places.set(name, place);
    for (const needed of Object.keys(manifestAt(place).dependencies ?? {})) add(needed, place);
  };
  for (const name of names) add(name, ROOT);
  return places;
}
