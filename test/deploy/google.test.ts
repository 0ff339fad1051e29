/**
 * The units as they meet Google: the bundles, no emulator's address, no key file. What they have are the settings
 * that Terraform gives them and a metadata server; each call goes over TLS with a token of that.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WORKER_URL } from '../support/google/project.ts';
import { file } from '../support/stack.ts';
import { type DeployedUnits, send, startUnits } from './deployed-units.ts';

let units: DeployedUnits;
beforeAll(async () => {
  units = await startUnits();
});
afterAll(() => units.close());

describe('one photo', () => {
  test('goes from upload to analysis, live, and comes back byte for byte by a signed address', async () => {
    const user = await units.signIn('alice');
    const id = await send(user, '02-cat.png');
    const states = await user.watch(id);
    expect(states.at(-1)).toMatchObject({ status: 'completed', progress: 1, error_code: null });
    const redirect = await user.call(`/api/media/${id}/content`);
    const address = redirect.headers.get('location') ?? '';
    expect(address).toMatch(/^https:\/\/storage\.googleapis\.com\//);
    const content = await units.google.call(address);
    expect(content.status).toBe(200);
    expect(content.body).toEqual(Buffer.from(await (await file('02-cat.png')).arrayBuffer()));
    // Signed is what it says, to the last letter.
    expect((await units.google.call(address.replace('original', 'preview'))).status).toBe(403);
  });

  test('makes each unit call what its account may, and with the token of that account', () => {
    expect([...units.calledBy('api')].sort()).toEqual([
      'cloudtasks.googleapis.com CreateTask',
      'firestore.googleapis.com BatchGetDocuments',
      'firestore.googleapis.com Commit',
      'firestore.googleapis.com RunAggregationQuery',
      // The webhooks, while the bytes come.
      'firestore.googleapis.com RunQuery',
      'iamcredentials.googleapis.com POST',
      'storage.googleapis.com POST',
    ]);
    expect(units.calledBy('stream')).toEqual(['firestore.googleapis.com Listen']);
    expect(units.calledBy('worker')).toEqual(
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
    expect([...units.stream.targets].sort()).toEqual([...all, keys]);
    expect([...units.api.targets].sort()).toEqual([...all, keys, ...work, toSign].sort());
    // Cloud Run has checked the signatures of tasks' tokens: it needs nobody's keys.
    expect([...units.worker.targets].sort()).toEqual([...all, ...work].sort());
  });

  test('makes each unit ask the metadata server for one token, and the api for its own name', () => {
    const token = 'instance/service-accounts/default/token';
    expect(units.google.metadata.stream.asked).toEqual([token]);
    expect(units.google.metadata.worker.asked).toEqual([token]);
    expect(units.google.metadata.api.asked).toEqual([
      token,
      'instance/service-accounts/default/email',
    ]);
  });
});

test('the token that the metadata server gives for a service opens the worker', async () => {
  const sweepAs = async (name: 'tasks' | 'stream') => {
    const { port } = units.google.metadata[name];
    const url = `http://127.0.0.1:${port}/computeMetadata/v1/instance/service-accounts/default/identity`;
    const headers = { 'Metadata-Flavor': 'Google' };
    const answer = await fetch(`${url}?audience=${WORKER_URL}&format=full`, { headers });
    return units.google.call(`${WORKER_URL}/tasks/sweep`, 'POST', undefined, await answer.text());
  };
  expect((await sweepAs('tasks')).status).toBe(200);
  expect((await sweepAs('stream')).status).toBe(403);
});

test('a large file goes straight to Cloud Storage, by an address that needs no token', async () => {
  const user = await units.signIn('alice');
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
  const stored = await units.google.call(address, 'PUT', Buffer.from(await photo.arrayBuffer()));
  expect(stored.status).toBe(200);
  expect((await user.call(`/api/media/${id}/uploaded`, json({}))).status).toBe(202);
  expect((await user.watch(id)).at(-1)?.status).toBe('completed');
  expect((await user.call(`/api/media/${id}`, { method: 'DELETE' })).status).toBe(204);
});
