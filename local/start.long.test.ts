/** The messages of `npm start` when it cannot start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../functions/analysis/catalog/model-name.ts';

const START = fileURLToPath(new URL('./start.ts', import.meta.url));

/** @param prepare receives the folder of the data before the start */
async function start(
  environment: Record<string, string>,
  prepare: (folder: string) => Promise<unknown> = async () => undefined,
) {
  const { GEMINI_API_KEY: _, ...inherited } = process.env;
  // Another instance may use the default folder.
  const folder = await mkdtemp(join(tmpdir(), 'media-analysis-start-'));
  await prepare(folder);
  const child = spawn(process.execPath, [START], {
    env: { ...inherited, LOCAL_DATA_DIR: folder, PORT: '0', ...environment },
  });
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  await rm(folder, { recursive: true });
  return { out, errors: errors.replaceAll(folder, 'FOLDER'), code };
}

const REFUSED: [string, Record<string, string>, string][] = [
  [
    'a model without its key',
    { ANALYSIS_MODEL: 'googleai/gemini-x' },
    'The configuration is not usable:\n  GEMINI_API_KEY: a googleai/ model needs a key of the Gemini API\n',
  ],
  [
    'a value that is no number',
    { MAX_FILES: 'many' },
    'The configuration is not usable:\n  MAX_FILES: must be a number\n',
  ],
  [
    'a limit below the price of one photo',
    {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'key',
      MAX_USD_PER_DAY: '0.0001',
    },
    `The configuration is not usable:\n  MAX_USD_PER_DAY: at least 0.05, because one call to googleai/${EXAMPLE_GEMINI} can cost so much; or off\n`,
  ],
  [
    'a folder that cannot be',
    { LOCAL_DATA_DIR: join(START, 'data') },
    `The folder of the data, ${join(START, 'data')}, cannot be used (ENOTDIR: not a directory, mkdir '${join(START, 'data')}'). Set LOCAL_DATA_DIR to a folder that you may write to.\n`,
  ],
  [
    'a shape that there is not',
    { SHAPE: 'large' },
    'SHAPE is "large"; it must be domain (one address) or small (the page and the API on addresses of their own).\n',
  ],
  [
    'a host that others reach, without a token',
    { HOST: '0.0.0.0' },
    'HOST is "0.0.0.0", where other devices reach what you have uploaded. Add a token that keeps others out: HOST=0.0.0.0 npm start -- --token\n',
  ],
  [
    'a page of another site as its own',
    { DEV_ORIGINS: 'http://localhost:5173,https://evil.example' },
    'DEV_ORIGINS has "https://evil.example"; write pages on this machine, such as http://localhost:5173.\n',
  ],
];
test.each(REFUSED)(
  'with %s it names the setting once and ends',
  async (_what, environment, said) => {
    expect(await start(environment)).toEqual({ out: '', errors: said, code: 1 });
  },
);

test('with a model of Vertex AI it says why that cannot run here, and what can', async () => {
  const { errors, code } = await start({ ANALYSIS_MODEL: 'vertexai/gemini-x' });
  expect(errors).toMatch(/^ANALYSIS_MODEL is "vertexai\/gemini-x"\..* googleai\/.*GEMINI_API_KEY/);
  expect(code).toBe(1);
});

test('with a port that is in use it says how to choose another one', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    expect(await start({ PORT: String(port) })).toEqual({
      out: '',
      errors: `Port ${port} is in use. Set PORT to another one, such as 8081, and run npm start again.\n`,
      code: 1,
    });
  } finally {
    server.close();
  }
});

test('with a data file that is damaged it names the file and says what to do', async () => {
  const said = await start({}, async (folder) => {
    await mkdir(join(folder, 'identity'));
    await writeFile(join(folder, 'identity', 'identity.json'), '');
  });
  const remedy = 'move it away, and the next start makes new keys.';
  expect(said).toEqual({
    out: '',
    errors: `FOLDER/identity/identity.json is damaged (it is not JSON): ${remedy}\n`,
    code: 1,
  });
});
