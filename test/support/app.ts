/** An app in an empty folder outside of the project, with the packages installed by npm from the files that are published. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { currentPackages } from './packages.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

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
  await install(folder, {
    ...placesOf(needsOf(packages), react),
    ...Object.fromEntries(
      ours.map((name) => [
        `@media-analysis/${/-(client|react)-/.exec(name)?.[1]}`,
        `file:${join(packages, name)}`,
      ]),
    ),
  });
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
  await install(folder, {
    ...placesOf(Object.keys(dependencies), 19),
    [name]: `file:${packed.tarball}`,
  });
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

/** Where each package lies in this project, with all that it needs itself. */
function placesOf(names: readonly string[], react: 18 | 19): Record<string, string> {
  const places: Record<string, string> = {};
  const add = (name: string) => {
    if (places[name]) return;
    const isOther = react === 18 && ['react', 'react-dom', 'scheduler'].includes(name);
    const place = join(isOther ? REACT_18 : join(ROOT, 'node_modules'), name);
    places[name] = `file:${place}`;
    for (const needed of Object.keys(manifestAt(place).dependencies ?? {})) add(needed);
  };
  for (const name of names) add(name);
  return places;
}
