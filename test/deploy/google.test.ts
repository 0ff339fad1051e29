/**
 * The units as they meet Google: the bundles, no emulator's address, no key file. What they have are the settings
 * that Terraform gives them and a metadata server; each call goes over TLS with a token of that.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildBundles } from '../support/bundles.ts';
import { type Deployed, startDeployed } from '../support/google/deployed.ts';
import { type Google, startGoogle } from '../support/google/google.ts';
import { accountOf, PROJECT, WORKER_URL } from '../support/google/project.ts';
import { client, eventually, file, mediaOf } from '../support/stack.ts';

const VERTEX_MODEL = 'vertexai/gemini-3.5-flash-lite';

let bundles: string;
let google: Google;
let api: Deployed;
let worker: Deployed;
let stream: Deployed;
beforeAll(async () => {
  bundles = await mkdtemp(join(tmpdir(), 'media-analysis-deployed-'));
  [google] = await Promise.all([startGoogle(), buildBundles(bundles)]);
  [api, worker, stream] = await Promise.all([
    startDeployed('api', google, bundles),
    startDeployed('worker', google, bundles),
    startDeployed('stream', google, bundles),
  ]);
  google.workerPort = worker.port;
});
afterAll(async () => {
  await Promise.all([api, worker, stream].map((unit) => unit?.stop()));
  await google?.close();
  await rm(bundles, { recursive: true, force: true });
});

/** @param through The api that the user comes to. */
async function signIn(sub: string, through = api) {
  const token = await google.users.sign({ sub, audience: PROJECT });
  const states = client(stream, token);
  return {
    ...client(through, token),
    /** All states of a media, as a stream shows them, until it is over. */
    watch: async (id: string) => mediaOf(await states.watch([id])),
  };
}

async function send(user: Awaited<ReturnType<typeof signIn>>, photo: string): Promise<string> {
  const { media_ids } = await user.analyze([await file(photo)]);
  return media_ids[0] ?? '';
}

/** What a unit has called with its own token, in order and each once. */
function calledBy(name: 'api' | 'worker' | 'stream'): string[] {
  const calls = google.seen
    .filter(({ account }) => account === accountOf(name))
    .map(({ host, call }) => `${host} ${call.replace(/^\/\S*\//, '').replace(/ .*/, '')}`);
  return [...new Set(calls)];
}

describe('one photo', () => {
  test('goes from upload to analysis, live, and comes back byte for byte by a signed address', async () => {
    const user = await signIn('alice');
    const id = await send(user, '02-cat.png');
    const states = await user.watch(id);
    expect(states.at(-1)).toMatchObject({ status: 'completed', progress: 1, error_code: null });
    const redirect = await user.call(`/api/media/${id}/content`);
    const address = redirect.headers.get('location') ?? '';
    expect(address).toMatch(/^https:\/\/storage\.googleapis\.com\//);
    const content = await google.call(address);
    expect(content.status).toBe(200);
    expect(content.body).toEqual(Buffer.from(await (await file('02-cat.png')).arrayBuffer()));
    // Signed is what it says, to the last letter.
    expect((await google.call(address.replace('original', 'preview'))).status).toBe(403);
  });

  test('makes each unit call what its account may, and with the token of that account', () => {
    expect(calledBy('api')).toEqual([
      'firestore.googleapis.com BatchGetDocuments',
      'storage.googleapis.com POST',
      'firestore.googleapis.com Commit',
      'firestore.googleapis.com RunAggregationQuery',
      'cloudtasks.googleapis.com CreateTask',
      'iamcredentials.googleapis.com POST',
    ]);
    expect(calledBy('stream')).toEqual(['firestore.googleapis.com Listen']);
    expect(calledBy('worker')).toEqual(
      expect.arrayContaining([
        'firestore.googleapis.com Commit',
        'storage.googleapis.com GET',
        'cloudtasks.googleapis.com CreateTask',
      ]),
    );
  });

  test('leads each unit to Google’s hosts and to no other', () => {
    const all = ['169.254.169.254:80', 'firestore.googleapis.com:443'];
    const keys = 'www.googleapis.com:443';
    const work = ['cloudtasks.googleapis.com:443', 'storage.googleapis.com:443'];
    const toSign = 'iamcredentials.googleapis.com:443';
    expect([...stream.targets].sort()).toEqual([...all, keys]);
    expect([...api.targets].sort()).toEqual([...all, keys, ...work, toSign].sort());
    // Cloud Run has checked the signatures of tasks' tokens: it needs nobody's keys.
    expect([...worker.targets].sort()).toEqual([...all, ...work].sort());
  });

  test('makes each unit ask the metadata server for one token, and the api for its own name', () => {
    const token = 'instance/service-accounts/default/token';
    expect(google.metadata.stream.asked).toEqual([token]);
    expect(google.metadata.worker.asked).toEqual([token]);
    expect(google.metadata.api.asked).toEqual([token, 'instance/service-accounts/default/email']);
  });
});

test('the token that the metadata server gives for a service opens the worker', async () => {
  const sweepAs = async (name: 'tasks' | 'stream') => {
    const { port } = google.metadata[name];
    const url = `http://127.0.0.1:${port}/computeMetadata/v1/instance/service-accounts/default/identity`;
    const headers = { 'Metadata-Flavor': 'Google' };
    const answer = await fetch(`${url}?audience=${WORKER_URL}&format=full`, { headers });
    return google.call(`${WORKER_URL}/tasks/sweep`, 'POST', undefined, await answer.text());
  };
  expect((await sweepAs('tasks')).status).toBe(200);
  expect((await sweepAs('stream')).status).toBe(403);
});

test('a large file goes straight to Cloud Storage, by an address that needs no token', async () => {
  const user = await signIn('alice');
  const json = (body: unknown) => ({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const photo = await file('06-osprey.jpg');
  const announced = { file_name: photo.name, content_type: photo.type, size: photo.size };
  const answer = await user.call('/api/media/uploads', json({ files: [announced] }));
  const { uploads } = (await answer.json()) as {
    uploads: { media_id: string; upload_url: string }[];
  };
  const { media_id: id = '', upload_url: address = '' } = uploads[0] ?? {};
  expect(address).toMatch(/^https:\/\/storage\.googleapis\.com\/upload\/storage\/v1\//);
  const stored = await google.call(address, 'PUT', Buffer.from(await photo.arrayBuffer()));
  expect(stored.status).toBe(200);
  expect((await user.call(`/api/media/${id}/uploaded`, json({}))).status).toBe(202);
  expect((await user.watch(id)).at(-1)?.status).toBe('completed');
  expect((await user.call(`/api/media/${id}`, { method: 'DELETE' })).status).toBe(204);
});

describe('a worker whose token is wrong', () => {
  let other: Deployed;
  beforeAll(async () => {
    const { worker: metadata } = google.metadata;
    [metadata.givesWrongTokens, metadata.tokenLifetimeS] = [true, LEAST_LIFETIME_S + 1];
    const settings = { ANALYSIS_MODEL: VERTEX_MODEL, VERTEX_LOCATION: 'global' };
    other = await startDeployed('worker', google, bundles, settings);
    google.workerPort = other.port;
  });
  afterAll(() => other?.stop());

  test('says so in its log, loses nothing, and goes on once it gets a good one', async () => {
    const user = await signIn('bob');
    const id = await send(user, '03-coffee.webp');
    // Firestore's client first tries five times.
    const error = async () => other.lines.find((text) => /"ERROR"/.test(text));
    const line = await eventually(error);
    expect(JSON.parse(line)).toMatchObject({
      path: '/tasks/upload-media',
      error: { message: expect.stringMatching(/^16 UNAUTHENTICATED: Request had invalid auth/) },
    });
    expect(other.lines.join()).not.toContain('ya29');
    google.metadata.worker.givesWrongTokens = false;
    const states = await user.watch(id);
    expect(states.at(-1)).toMatchObject({ status: 'completed', usage: { model: VERTEX_MODEL } });
  });

  test('asks Vertex AI with its own account, and whether the model is there', async () => {
    const calls = ['GET', 'POST'].map((method) => `aiplatform.googleapis.com ${method}`);
    // Nobody waits for the first.
    await eventually(async () => calls.every((c) => calledBy('worker').includes(c)) || undefined);
    expect(google.gemini.requests[0]?.authorization).toMatch(/^Bearer ya29\./);
    expect(other.targets).toContain('aiplatform.googleapis.com:443');
  });
});

describe('an api whose metadata server is slow to start', () => {
  let other: Deployed;
  beforeAll(async () => {
    google.metadata.api.tokenLifetimeS = LEAST_LIFETIME_S + 2;
    google.metadata.api.fail(503, 503);
    google.workerPort = worker.port;
    other = await startDeployed('api', google, bundles);
  });
  afterAll(() => other?.stop());

  test('asks it again', async () => {
    const user = await signIn('carol', other);
    expect((await user.call('/api/media')).status).toBe(200);
  });

  test('gets another token before the first has expired', async () => {
    const user = await signIn('carol', other);
    await send(user, '08-lake.jpg');
    const { asked } = google.metadata.api;
    const before = asked.length;
    const fresh = Date.now() + 2_000;
    await eventually(async () => Date.now() > fresh || undefined);
    google.tokens.expire(accountOf('api'));
    const id = await send(user, '05-dogs.jpg');
    expect((await user.watch(id)).at(-1)?.status).toBe('completed');
    expect((await user.call(`/api/media/${id}/content`)).status).toBe(302);
    expect(asked.length).toBeGreaterThan(before);
    expect(other.lines.filter((line) => /"(ERROR|WARNING)"/.test(line))).toEqual([]);
  });
});

/** What Google's library takes for too short: it then asks for another token with each call. */
const LEAST_LIFETIME_S = 300;
