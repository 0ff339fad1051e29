/**
 * npm runs this file after each `npm ci` and `npm install` (`postinstall` in package.json).
 *
 * `npm ci --omit=optional` leaves out the neural networks of `vision/`. But to npm each package with compiled code for one
 * platform is optional too, because it cannot be installed elsewhere: without them sharp opens no photo and Vite builds no page.
 * So after such an install this file has npm install those alone: in a folder of their own, with their entries of
 * package-lock.json, so that npm picks the ones for this platform and checks that their content is the one that the lock file
 * names. docs/decisions/0012-code-cache.md says what else was tried.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** On the same file system as `node_modules`, so that a package moves there in one step. */
const SCRATCH = join(ROOT, 'node_modules', '.cache', 'native-packages');

const lockSchema = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

// npm passes its settings to a script in the environment, with an empty line between the parts of a list.
const { npm_config_omit: omitted = '', npm_execpath: npm = '' } = process.env;
const isOmitted = (kind: string) => omitted.split('\n').includes(kind);
if (isOmitted('optional')) {
  try {
    installNativePackages();
  } catch (cause) {
    console.error(
      'The packages with compiled code for this platform could not be installed. Run npm ci without --omit=optional.',
    );
    throw cause;
  }
}

function installNativePackages(): void {
  const { packages, ...lock } = lockSchema.parse(
    JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')),
  );
  // A WebAssembly build has dependencies, and code for one platform has none.
  const native = Object.entries(packages).filter(
    ([, { dev, optional, os, cpu, dependencies }]) =>
      optional && (os || cpu) && !dependencies && !(dev && isOmitted('dev')),
  );
  const optionalDependencies = Object.fromEntries(
    native.map(([path, { version }]) => [nameOf(path), version]),
  );
  const manifest = { name: 'native-packages', version: '0.0.0', optionalDependencies };
  rmSync(SCRATCH, { recursive: true, force: true });
  mkdirSync(SCRATCH, { recursive: true });
  writeJson('package.json', manifest);
  writeJson('package-lock.json', {
    ...lock,
    ...manifest,
    packages: { '': manifest, ...Object.fromEntries(native) },
  });
  execFileSync(
    process.env.npm_node_execpath ?? process.execPath,
    [npm, 'ci', '--prefix', SCRATCH, '--include=optional', '--ignore-scripts', '--prefer-offline'],
    { cwd: SCRATCH, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  for (const [path] of native) {
    const installed = join(SCRATCH, path);
    if (!existsSync(installed)) continue;
    const place = join(ROOT, path);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(dirname(place), { recursive: true });
    renameSync(installed, place);
  }
  rmSync(SCRATCH, { recursive: true });
}

/** `node_modules/@img/sharp-linux-x64` has the name `@img/sharp-linux-x64`. */
function nameOf(path: string): string {
  const name = path.slice('node_modules/'.length);
  if (name.includes('node_modules/')) throw new Error(`${path}: two versions of a native package`);
  return name;
}

function writeJson(name: string, content: object): void {
  writeFileSync(join(SCRATCH, name), JSON.stringify(content));
}
