/** The package of `local-cloud/`, as `npm run pack:all` makes it. The long run installs it in an empty folder and uses it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { Firestore } from '@google-cloud/firestore';
import { beforeAll, expect, test } from '@jest/globals';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { installAlone } from '../support/app.ts';
import { outcomeOf } from '../support/child-outcome.ts';
import { endWithUs } from '../support/end-with-us.ts';
import { longTest } from '../support/long-test.ts';
import { currentCloudPackage } from '../support/packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

let packed: { folder: string; tarball: string };
beforeAll(async () => {
  packed = await currentCloudPackage();
});

const read = (path: string) => readFileSync(join(packed.folder, path), 'utf8');
const bytes = () => new Uint8Array(readFileSync(packed.tarball));

test('it is as publint wishes', async () => {
  const { messages, pkg } = await publint({ pack: { tarball: bytes().buffer }, strict: true });
  expect(messages.map((each) => formatMessage(each, pkg, { color: false }))).toEqual([]);
});

test('it has types, and is published as ES modules only', async () => {
  const result = await checkPackage(createPackageFromTarballData(bytes()));
  const problems = !result.types
    ? ['It has no types.']
    : result.problems.filter(
        (each) =>
          !('resolutionKind' in each && ['node10', 'node16-cjs'].includes(each.resolutionKind)),
      );
  expect(problems).toEqual([]);
});

test('it has the version and the licence of the project', () => {
  const { version, license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(JSON.parse(read('package.json'))).toMatchObject({ version, license });
  expect(read('LICENSE')).toContain('Apache License');
});

test('it knows neither the product nor a path of this machine, and names all that it imports', () => {
  const files = readdirSync(join(packed.folder, 'dist'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .map((file) => read(join('dist', file)).replaceAll(/^\s*(\/\/|\/?\*).*$/gm, ''));
  expect(texts.filter((text) => /media-analysis/.test(text) || text.includes(ROOT))).toEqual([]);
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import)\s*\(?\s*["']((?:@[\w-]+\/)?[\w-]+)["']/g)].map(
      ([, name]) => name,
    ),
  );
  // Read as a file: the description of its calls.
  const { dependencies } = JSON.parse(read('package.json'));
  expect(new Set([...imported, '@google-cloud/firestore'])).toEqual(
    new Set(Object.keys(dependencies)),
  );
});

longTest(
  'installed in an empty folder, its command and its starters serve Google’s client',
  async () => {
    const folder = await installAlone(packed);
    try {
      const bin = join(folder, 'node_modules/.bin/local-cloud');
      const child = endWithUs(
        spawn(process.execPath, [bin, 'firestore', 'storage'], {
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      );
      const ended = once(child, 'close');
      let host = '';
      for await (const line of createInterface(child.stdout)) {
        host = /^export FIRESTORE_EMULATOR_HOST=(.*)$/.exec(line)?.[1] ?? host;
        if (line.startsWith('# Ready')) break;
      }
      await writeAndRead(host);
      child.kill('SIGTERM');
      expect((await ended)[0]).toBe(0);

      await writeFile(
        join(folder, 'app.ts'),
        `import { type RunningService, startFirestore } from '@media-analysis/local-cloud';
       const service: RunningService = await startFirestore();
       console.log(service.host + ':' + service.port);
       process.stdin.once('data', () => service.close().then(() => process.exit(0)));`,
      );
      const options = '--strict --noEmit --target es2024 --module nodenext --skipLibCheck';
      const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
      const compiled = spawn(process.execPath, [TSC, 'app.ts', ...options.split(' '), ...types], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(await outcomeOf(compiled)).toMatchObject({ out: '', code: 0 });
      const app = endWithUs(
        spawn(process.execPath, ['app.ts'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] }),
      );
      const [line] = await once(app.stdout, 'data');
      await writeAndRead(String(line).trim());
      app.stdin.end('end');
      expect((await once(app, 'close'))[0]).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

async function writeAndRead(host: string): Promise<void> {
  const firestore = new Firestore({ projectId: 'demo', host, ssl: false });
  await firestore.doc('a/b').set({ n: 1 });
  expect((await firestore.doc('a/b').get()).data()).toEqual({ n: 1 });
  await firestore.terminate();
}
