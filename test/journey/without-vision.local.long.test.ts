/** `npm start` after `npm ci --omit=dev --omit=optional`: without the neural networks, and without what only tests need. */
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Sandbox } from '../mutations/sandbox.ts';
import { client, file } from '../support/stack.ts';
import { launch, start, stop } from '../support/started.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let sandbox: Sandbox;
let child: ChildProcess | undefined;
beforeAll(() => {
  sandbox = new Sandbox(ROOT);
  // Those alone: what libraries need of optional packages, only an install shows (.github/workflows/ci.yml).
  const manifest = JSON.parse(readFileSync(join(ROOT, 'vision/package.json'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const ofTests = Object.keys(packages).filter(
    (path) => packages[path].dev && path.lastIndexOf('node_modules/') === 0,
  );
  expect(ofTests).toContain('node_modules/jest');
  const optional = Object.keys(manifest.optionalDependencies);
  for (const path of [...ofTests, ...optional.map((name) => `node_modules/${name}`)])
    rmSync(join(sandbox.dir, path), { force: true });
});
afterAll(async () => {
  if (child) await stop(child, 'SIGKILL');
  sandbox.remove();
});

const options = (model: string | undefined) => ({
  root: sandbox.dir,
  environment: { ANALYSIS_MODEL: model },
});

test('it says so in one line, has its page, and analyses with local/facts', async () => {
  const started = await start(join(sandbox.dir, '.local'), '0', options(undefined));
  child = started.child;
  expect(started.output()).toBe(
    `local/vision is not installed, so photos are only measured (local/facts). Run npm ci to install it.\nReady on ${started.stack.url}\n`,
  );
  expect(await (await fetch(started.stack.url)).text()).toContain('<script type="module"');
  const user = client(started.stack);
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  const [cat] = await user.results(media_ids);
  expect(cat).toMatchObject({ status: 'completed', usage: { model: 'local/facts' } });
});

test('for whom asks for local/vision it ends, and says how to install it', async () => {
  const { child: refused, output } = launch(
    '0',
    join(sandbox.dir, '.other'),
    options('local/vision'),
  );
  const [code] = await once(refused, 'close');
  expect(code).toBe(1);
  expect(output()).toBe(
    'ANALYSIS_MODEL is "local/vision", and its neural networks are not installed. Run npm ci to install them, or set ANALYSIS_MODEL=local/facts.\n',
  );
});

test('an option that it does not have is refused, and not left unread', () => {
  const command = [join(sandbox.dir, 'local/start.ts'), '--port', '3000'];
  expect(spawnSync(process.execPath, command, { encoding: 'utf8' })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^npm start has no option --port\. .* PORT=3000 npm start/),
  });
});

test('a worker that is told to use local/vision refuses each photo at once', () => {
  const client = pathToFileURL(join(sandbox.dir, 'vision/client.ts')).href;
  const program = `import { VisionClient } from ${JSON.stringify(client)};
    const vision = new VisionClient();
    const { failure, message } = await vision
      .analysePicture(Buffer.from('x'), 'en', new AbortController().signal)
      .catch((error) => error);
    console.log(failure, message);`;
  const args = ['--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toMatch(
    /^rejected local\/vision is not part of this installation/,
  );
});
