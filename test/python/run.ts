/**
 * `npm run test:python`: `examples/generated/photo.py` with the client that openapi-python-client makes of a started service,
 * in a new folder. It is not among the tests, as pip needs a registry of its own.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GENERATED, makeSettings, SAID } from '../support/generated-example.ts';
import { findPython } from '../support/python.ts';
import { photo, startStack } from '../support/stack.ts';

const python = findPython(11);
if (python === undefined) {
  console.error('This needs Python 3.11 or newer, named python3 or python.');
  process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), 'python-'));
const stack = await startStack();
try {
  for (const name of ['photo.py', 'requirements.txt', 'openapi-python-client.yaml'])
    await cp(join(GENERATED, name), join(folder, name));
  const programs = join(folder, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin');
  const env = {
    ...process.env,
    ...(await makeSettings(stack)),
    PATH: `${programs}${delimiter}${process.env.PATH}`,
  };
  const run = async (command: string, ...args: string[]) => {
    console.log(command, ...args);
    return (await promisify(execFile)(command, args, { cwd: folder, env })).stdout;
  };
  await run(python, '-m', 'venv', 'venv');
  await run(join(programs, 'pip'), 'install', '-q', '-r', 'requirements.txt');
  const options = ['--config', 'openapi-python-client.yaml', '--meta', 'none', '--fail-on-warning'];
  const source = ['--url', `${stack.url}/api/openapi.json`];
  const output = ['--output-path', 'media_analysis_client'];
  await run(join(programs, 'openapi-python-client'), 'generate', ...source, ...options, ...output);
  const said = await run(join(programs, 'python'), 'photo.py', fileURLToPath(photo('02-cat.png')));
  console.log(said);
  if (!SAID.test(said)) throw new Error(`It should have said ${SAID}`);
} finally {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
}
