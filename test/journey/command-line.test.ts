/** `media-analysis ./photos`: the command as a person runs it, against the whole product. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mediaSchema } from '@media-analysis/shared/media';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import { outcomeOf } from '../support/child-outcome.ts';
import { endWithUs } from '../support/end-with-us.ts';
import { inLongRun, isLong, longTest } from '../support/long-test.ts';
import { needing } from '../support/needing.ts';
import {
  client,
  databaseOf,
  file,
  photo,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const COMMAND = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../cli/package.json', import.meta.url));
const BUILD = fileURLToPath(new URL('../../cli/build.ts', import.meta.url));

let stack: Stack;
let firestore: Firestore;
let key: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-analysis-cli-'));
  await mkdir(join(folder, 'photos', 'more'), { recursive: true });
  await copyFile(photo('02-cat.png'), join(folder, 'photos', '02-cat.png'));
  await copyFile(photo('03-coffee.webp'), join(folder, 'photos', 'more', '03-coffee.webp'));
  await writeFile(join(folder, 'photos', 'notes.txt'), 'no photo');
  const cat = await readFile(photo('18-cat-exif-orientation6.jpg'));
  await writeFile(join(folder, 'cut.jpg'), cat.subarray(0, 3_000));
  // Too large for a request, so it goes to Cloud Storage in pieces. Bytes after the end are not part of the picture.
  await writeFile(join(folder, 'large.jpg'), Buffer.concat([cat, Buffer.alloc(6 * 1024 * 1024)]));
  stack = await startStack();
  firestore = databaseOf(stack);
  const keys = new ServiceKeys(async () => firestore);
  ({ key } = await keys.add('test', ['read', 'write']));
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
  await rm(folder, { recursive: true });
});

function start(args: string[], env: Record<string, string> = {}, program = [process.execPath]) {
  const [command = '', ...before] = program;
  return endWithUs(
    spawn(command, [...before, ...(program.length > 1 ? [] : [COMMAND, ...args])], {
      cwd: folder,
      env: { ...process.env, MEDIA_ANALYSIS_TOKEN: '', ANALYSIS_MODEL: 'local/facts', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

const run = (args: string[], env?: Record<string, string>) => outcomeOf(start(args, env));

const jsonOf = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; error: object | null; media: object });

test('a folder is sent for the user of a token, lines tell how far it is, a table what came of it', async () => {
  const token = await tokenOf(stack, 'alice');
  const { out, errors, code } = await run(['photos', '--url', stack.url], {
    MEDIA_ANALYSIS_TOKEN: token,
  });
  expect(out).toMatch(
    /^photos\S02-cat\.png +completed {2}\S.*\nphotos\Smore\S03-coffee\.webp +completed {2}\S.*\n$/,
  );
  expect(errors).toMatch(/^skipped photos\Snotes\.txt: no photo or video that is taken$/m);
  expect(errors).toMatch(/^sent photos\S02-cat\.png$/m);
  expect(errors).toMatch(/^completed photos\S02-cat\.png: /m);
  expect(errors).toMatch(/^2 completed\.$/m);
  expect(errors).not.toContain('█');
  expect(code).toBe(0);
  const list = (await (await client(stack, token).call('/api/media')).json()) as {
    media: object[];
  };
  expect(list.media).toHaveLength(2);
});

test('one file that is no photo gets its reason, as a line of JSON, and the exit code says so', async () => {
  const { out, code } = await run(
    ['cut.jpg', 'photos', '--json', '--language', 'ja'].concat('--url', stack.url),
  );
  const rows = jsonOf(out);
  expect(rows).toHaveLength(3);
  expect(rows.find(({ path }) => path === 'cut.jpg')?.error).toMatchObject({
    code: 'media_corrupt',
    message: expect.stringContaining('cut.jpg'),
  });
  for (const { media } of rows) mediaSchema.parse(media);
  expect(rows.at(-1)?.media).toMatchObject({ analytics: { language: 'ja' } });
  expect(code).toBe(1);
});

test('a large file is sent in pieces for a user whom a service key names', async () => {
  const env = { MEDIA_ANALYSIS_KEY: key };
  const args = ['large.jpg', '--json', '--on-behalf-of', 'bob', '--url', stack.url];
  const { out, errors, code } = await run(args, env);
  expect({ errors, code }).toMatchObject({ code: 0 });
  const [row] = jsonOf(out);
  const { id, size } = mediaSchema.parse(row?.media);
  expect(size).toBeGreaterThan(6 * 1024 * 1024);
  const bob = client(stack, await tokenOf(stack, 'bob'));
  expect((await bob.get(id)).status).toBe('completed');

  // The life of this media, with a log as the units write it, among what else a terminal has printed.
  const line = { severity: 'INFO', time: 'T1', unit: 'worker', media_id: id, message: 'claimed' };
  const other = { ...line, media_id: 'other', message: 'not of this one' };
  const log = ['Ready', JSON.stringify({ ...line, deliveries: 0 }), JSON.stringify(other)];
  await writeFile(join(folder, 'dev.log'), log.join('\n'));
  const inspected = await run(
    ['inspect', id, '--log', 'dev.log', '--on-behalf-of', 'bob', '--url', stack.url],
    env,
  );
  expect(inspected.errors).toBe('');
  expect(inspected.out).toMatch(/^file +large\.jpg, image\/jpeg, \d{7} bytes$/m);
  expect(inspected.out).toMatch(/^status +completed, attempt 1/m);
  expect(inspected.out).toMatch(/^calls +1 to local\/facts/m);
  expect(inspected.out).toMatch(/^ {2}T1 worker INFO claimed \{"deliveries":0\}$/m);
  expect(inspected.out).not.toContain('not of this one');
  expect(inspected.code).toBe(0);
});

describe('the log of a project', () => {
  const ENTRIES = ['claimed', 'will be tried again'].map((message, deliveries) => ({
    insertId: `${deliveries}`,
    timestamp: `2026-11-27T10:00:0${deliveries}.5Z`,
    severity: deliveries === 0 ? 'INFO' : 'WARNING',
    trace: 'projects/my-project-1234/traces/1',
    resource: { type: 'cloud_run_revision', labels: { service_name: 'media-worker' } },
    jsonPayload: { unit: 'worker', message, deliveries },
  }));
  const LINES =
    /^ {2}2026-11-27T10:00:00.5Z worker INFO claimed \{"deliveries":0\}\n {2}2026-11-27T10:00:01.5Z worker WARNING will be tried again \{"deliveries":1\}$/m;

  const inspect = async (env: Record<string, string>) => {
    const { media_ids } = await client(stack).analyze([await file('02-cat.png')]);
    const [id = ''] = media_ids;
    const of = ['--url', stack.url, '--project', 'my-project-1234'];
    return { id, ...(await run(['inspect', id, ...of], env)) };
  };

  needing('bash')('is read by gcloud, oldest line first, each with its severity', async () => {
    const gcloud = join(folder, 'gcloud');
    await writeFile(gcloud, '#!/bin/sh\necho "$@" > "$0.args"\ncat "$0.json"\n', { mode: 0o755 });
    await writeFile(`${gcloud}.json`, JSON.stringify(ENTRIES.toReversed()));
    const { id, out } = await inspect({ PATH: `${folder}:${process.env.PATH}` });
    expect(out).toMatch(LINES);
    expect(await readFile(`${gcloud}.args`, 'utf8')).toBe(
      `logging read jsonPayload.media_id="${id}" --freshness=30d --order=desc --format=json --project=my-project-1234\n`,
    );
  });

  const isInstalled = isLong && spawnSync('gcloud', ['--version']).status === 0;
  if (isLong && !isInstalled) console.warn('Left out: the real gcloud (it is not installed).');
  (isInstalled ? test : inLongRun(test.skip))(
    'is asked for by the real gcloud in one call',
    async () => {
      const asked: object[] = [];
      const logging = createServer(async (request, response) => {
        const body = JSON.parse(await text(request)) as { filter: string };
        asked.push({ ...body, path: request.url, as: request.headers.authorization });
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ entries: ENTRIES.toReversed() }));
      });
      await once(logging.listen(0, '127.0.0.1'), 'listening');
      const { port } = logging.address() as AddressInfo;
      await writeFile(join(folder, 'token'), 'a-token');
      const { id, out, errors } = await inspect({
        CLOUDSDK_CONFIG: join(folder, 'gcloud-config'),
        CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: join(folder, 'token'),
        CLOUDSDK_API_ENDPOINT_OVERRIDES_LOGGING: `http://127.0.0.1:${port}/`,
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: '1',
      });
      logging.close();
      expect([errors, out]).toEqual(['', expect.stringMatching(LINES)]);
      expect(asked).toEqual([
        {
          path: '/v2/entries:list?alt=json',
          as: 'Bearer a-token',
          pageSize: 1000,
          orderBy: 'timestamp desc',
          resourceNames: ['projects/my-project-1234'],
          filter: expect.stringMatching(`^timestamp>="[^"]+" AND jsonPayload.media_id="${id}"$`),
        },
      ]);
    },
  );
});

test.each<[string, string[], number, RegExp]>([
  ['an option that there is not', ['photos', '--colour'], 2, /--colour/],
  ['a path that leads nowhere', ['fotos'], 2, /^fotos does not exist\./],
  [
    'an address where nobody answers',
    ['photos', '--url', 'http://127.0.0.1:9'],
    1,
    /cannot be reached/,
  ],
])('%s is named, and nothing is sent', async (_what, args, code, said) => {
  expect(await run(args)).toEqual({ out: '', errors: expect.stringMatching(said), code });
});

test('--version names the release', async () => {
  const { version } = JSON.parse(await readFile(PACKAGE, 'utf8'));
  expect(await run(['--version'])).toEqual({ out: `${version}\n`, errors: '', code: 0 });
});

test('a page of somebody else at the address is named, and nothing is sent', async () => {
  const other = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { out, errors, code } = await run(['photos', '--url', `http://127.0.0.1:${port}`]);
  other.close();
  expect({ out, code }).toEqual({ out: '', code: 1 });
  expect(errors).toContain(`http://127.0.0.1:${port} is not media-analysis`);
});

test('a key that is not taken is told as a wrong one, with what to do', async () => {
  const wrong = ['--url', stack.url, '--token', 'mk_unknown', '--analysis', 'describe'];
  const { errors, code } = await run(['photos', ...wrong]);
  expect(errors).toMatch(/^The service key is not valid.*\n.*MEDIA_ANALYSIS_KEY/m);
  expect(code).toBe(1);
});

test('an analysis that is not there is a wrong argument, and nothing is sent', async () => {
  const { out, errors, code } = await run(['photos', '--url', stack.url, '--analysis', 'nosuch']);
  expect({ out, code }).toEqual({ out: '', code: 2 });
  expect(errors).toMatch(/^skipped .*\nThere is no analysis "nosuch". There are: .*describe/);
});

longTest(
  'a reader of stderr that goes away stops nothing, and a name cannot give the terminal orders',
  async () => {
    const child = start(['photos', '--json', '--url', stack.url]);
    const ended = once(child, 'close');
    child.stderr.destroy();
    expect(jsonOf(await text(child.stdout))).toHaveLength(2);
    expect(await ended).toEqual([0, null]);
    const { errors, code } = await run(['\u001b]0;owned\u0007.jpg', '--url', stack.url]);
    expect({ errors, code }).toEqual({
      errors: expect.stringMatching(/^\]0;owned \.jpg does/),
      code: 2,
    });
  },
);

test('Ctrl-C stops the sending, and says what was not sent', async () => {
  // A service that takes the files and never answers.
  const taken = Promise.withResolvers<void>();
  const server: Server = createServer((request, response) => {
    if (request.url === '/config.json') response.end('{}');
    else if (request.url?.endsWith('/analyze-media')) taken.resolve();
    else response.writeHead(404).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const child = start(['photos', '--url', `http://127.0.0.1:${port}`]);
  const outcome = outcomeOf(child);
  await taken.promise;
  child.kill('SIGINT');
  const { out, errors, code } = await outcome;
  server.closeAllConnections();
  server.close();
  expect(errors).toContain('Stopped. 0 of 2 files were sent: 2 not sent.');
  expect(errors).toMatch(/^not sent photos\Smore\S03-coffee\.webp$/m);
  expect({ out, code }).toEqual({ out: '', code: 130 });
});

longTest(
  'without an address all of it runs on this machine, and ends with the command',
  async () => {
    const data = join(folder, 'data');
    const { out, errors, code } = await run(['photos', '--json'], { LOCAL_DATA_DIR: data });
    expect({ errors, code }).toMatchObject({ code: 0 });
    const [row] = jsonOf(out);
    const { id } = mediaSchema.parse(row?.media);
    // The record is kept, with what only the operator sees.
    const inspected = await run(['inspect', id], { LOCAL_DATA_DIR: data });
    expect(inspected.out).toMatch(/^deliveries +\d+$/m);
    expect(inspected.out).toMatch(/^owner_id +local$/m);
    expect(inspected.code).toBe(0);
  },
);

test('its package has the client alone: it sends to an address, and without one, or in an old Node, says so', async () => {
  const built = join(folder, 'package');
  await outcomeOf(start([], {}, [process.execPath, BUILD, built]));
  // As npm lays what it imports beside it.
  const installed = fileURLToPath(new URL('../../node_modules', import.meta.url));
  await symlink(installed, join(built, 'node_modules'), 'junction');
  const manifest = JSON.parse(await readFile(join(built, 'package.json'), 'utf8'));
  expect(Object.keys(manifest.dependencies)).toContain('log-update');
  expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  const main = join(built, manifest.bin['media-analysis']);
  const program = [process.execPath, main];
  const sent = await outcomeOf(start([], {}, [...program, 'photos', '--url', stack.url]));
  expect(sent).toMatchObject({ code: 0, errors: expect.stringContaining('2 completed.') });
  const alone = await outcomeOf(start([], {}, [...program, 'photos']));
  expect(alone).toMatchObject({ code: 2, errors: expect.stringContaining('Name the service') });
  const older = join(folder, 'older.mjs');
  await writeFile(older, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });");
  const inOlder = [process.execPath, '--import', pathToFileURL(older).href, main];
  const refused = await outcomeOf(start([], {}, [...inOlder, 'photos', '--url', stack.url]));
  expect(refused).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^media-analysis needs/),
  });
});

const inTerminal = needing('script');
inTerminal('in a terminal, bars are drawn and taken away', async () => {
  const command = `stty cols 100 rows 30; '${process.execPath}' '${COMMAND}' photos --url ${stack.url}`;
  const program = ['script', '-qefc', command, '/dev/null'];
  const { out, code } = await outcomeOf(start([], { TERM: 'xterm' }, program));
  expect(out).toMatch(/Sending {4}[█░]{30} /);
  expect(out).toContain('2 completed.');
  expect(code).toBe(0);
});
