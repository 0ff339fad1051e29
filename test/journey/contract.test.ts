/** Each route, each of its good answers, and each error code that a route may answer is met here, and is as the document says. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CONTRACT, OPERATIONS } from '@media-analysis/shared/contract';
import { ERRORS, type ErrorCode, problemSchema } from '@media-analysis/shared/errors';
import { importSchema } from '@media-analysis/shared/imports';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import { reanalysisSchema } from '@media-analysis/shared/reanalyses';
import { earlierResultsSchema } from '@media-analysis/shared/results';
import { parametersOf } from '@media-analysis/shared/routes';
import { analyzeMediaResponseSchema } from '@media-analysis/shared/uploads';
import {
  webhookDeliveryListSchema,
  webhookWithSecretSchema,
} from '@media-analysis/shared/webhooks';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import { stagingName } from '../../functions/storage/objects.ts';
import { holdToContract, meetable, met } from '../support/api-contract.ts';
import { documentedRequest } from '../support/documented-request.ts';
import { clip, frame, sendClip } from '../support/frames.ts';
import { type LoneUnit, startLoneUnit } from '../support/lone-unit.ts';
import {
  client,
  eventually,
  file,
  form,
  readEvents,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';

type User = ReturnType<typeof client>;

let stack: Stack;
let db: Firestore;
let alice: User;
let held: Stack;
/** With a service key that may do all. */
let backend: User;
let receiver: Receiver;
/** The id of its webhook. */
let webhook: string;
beforeAll(async () => {
  stack = await startStack({
    environment: {
      MAX_FILES: '3',
      MAX_FILE_BYTES: '300000',
      MAX_REQUEST_BYTES: '700000',
      MAX_ANNOUNCED: '3',
      BODY_STALL_S: '1',
      IMPORT_BUCKETS: 'shop-photos',
    },
  });
  held = await startStack({ environment: { MODERATION: 'hold' } });
  alice = client(stack, await tokenOf(stack, 'alice'));
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    stack.environment;
  db = new Firestore({ projectId, host, ssl: false });
  const keys = new ServiceKeys(async () => db);
  backend = client(stack, (await keys.add('all', ['read', 'write', 'admin'])).key);
  receiver = await startReceiver((response) => {
    response.writeHead(204).end();
    return true;
  });
  // Before there is any work: a worker reads the list of webhooks only now and then.
  const body = JSON.stringify({ url: receiver.url });
  const registered = await backend.call('/api/webhooks', { method: 'POST', body });
  ({ id: webhook } = webhookWithSecretSchema.parse(await registered.json()));
});
afterAll(async () => {
  await db.terminate();
  await receiver.close();
  await Promise.all([stack.close(), held.close()]);
});

const post = (path: string, body?: FormData | object, headers: Record<string, string> = {}) =>
  alice.call(path, {
    method: 'POST',
    headers,
    ...(body !== undefined && { body: body instanceof FormData ? body : JSON.stringify(body) }),
  });

async function statusOf(asked: Promise<Response>): Promise<number> {
  const response = await asked;
  await response.arrayBuffer();
  return response.status;
}

async function codeOf(asked: Promise<Response>): Promise<ErrorCode> {
  return problemSchema.parse(await (await asked).json()).code;
}

async function readAll(asked: Promise<Response>): Promise<number> {
  let events = 0;
  for await (const _ of readEvents(await asked)) events++;
  return events;
}

const CAT = '02-cat.png';

test('what is sent, read, changed and deleted', async () => {
  const sent = form([await file(CAT)], {
    language: 'en',
    batch_id: 'one',
    metadata: '{"order":"1042"}',
    external_id: 'a',
  });
  expect(await statusOf(post('/api/media', sent))).toBe(202);
  const { media_ids } = await alice.analyze([await file(CAT)]);
  const [id = ''] = media_ids;
  await alice.results([id]);
  expect(await readAll(alice.call(`/api/media/${id}/stream`))).toBe(2);
  for (const path of [`media/${id}`, 'agent/analyze-media']) {
    const headers = { 'Last-Event-ID': 'done' };
    expect(await statusOf(alice.call(`/api/${path}/stream?ids=${id}`, { headers }))).toBe(
      path.startsWith('agent') ? 204 : 400,
    );
  }
  const done = { headers: { 'Last-Event-ID': 'done' } };
  expect(await statusOf(alice.call(`/api/media/${id}/stream`, done))).toBe(204);
  expect(await statusOf(post(`/api/media/${id}/analyses/describe`))).toBe(202);
  await alice.results([id]);

  const video = await sendClip(alice, { times: [0.5], jpegs: [await frame('05-dogs.jpg')] });
  await alice.results([video]);
  const paths = ['content', 'preview', 'preview?size=small'].map((path) => `${id}/${path}`);
  for (const path of [...paths, `${video}/frames`]) {
    expect(await statusOf(alice.call(`/api/media/${path}`))).toBe(302);
    const headers = { Accept: 'application/json' };
    expect(await statusOf(alice.call(`/api/media/${path}`, { headers }))).toBe(200);
  }
  for (const path of ['media', `media?ids=${id}`, `media/${id}`, 'media?external_id=a']) {
    expect(await statusOf(alice.call(`/api/${path}`))).toBe(200);
  }
  for (const format of ['csv', 'json', 'ndjson']) {
    expect(await statusOf(alice.call(`/api/media/export?format=${format}`))).toBe(200);
  }
  expect(await statusOf(post('/api/media/export', { ids: [id], format: 'json' }))).toBe(200);
  expect(await statusOf(post('/api/media/download', { ids: [id] }))).toBe(200);

  const { results } = earlierResultsSchema.parse(
    await (await alice.call(`/api/media/${id}/results?analysis=describe`)).json(),
  );
  expect(await statusOf(post(`/api/media/${id}/results/${results[0]?.id}/restore`))).toBe(200);
  const body = JSON.stringify({ title: 'Ours', tags: ['cat'], metadata: { a: null } });
  expect(await statusOf(alice.call(`/api/media/${id}`, { method: 'PATCH', body }))).toBe(200);
  const had = { headers: { 'If-None-Match': '*' } };
  expect(await statusOf(alice.call(`/api/media/${id}`, had))).toBe(304);

  await db.doc(`media/${video}`).update({
    status: 'failed',
    error_code: 'analysis_timeout',
    error_message: 'It took too long.',
    revision: 1_000,
  });
  expect(await statusOf(post(`/api/media/${video}/retry`))).toBe(202);
  await alice.results([video]);

  expect(await statusOf(alice.call(`/api/media/${id}`, { method: 'DELETE' }))).toBe(204);
  expect(await statusOf(alice.call('/api/bin?limit=1'))).toBe(200);
  expect(await statusOf(alice.call(`/api/bin/${id}/preview?download=true`))).toBe(302);
  const headers = { Accept: 'application/json' };
  expect(await statusOf(alice.call(`/api/bin/${id}/preview`, { headers }))).toBe(200);
  expect(await statusOf(post(`/api/media/${id}/restore`))).toBe(200);
  expect(await statusOf(post('/api/media/delete', { ids: [id, 'nobody'] }))).toBe(200);
  expect(await statusOf(post('/api/media/restore', { ids: [id, 'nobody'] }))).toBe(200);
});

test('a stream tells of what is unknown and of what is deleted', async () => {
  const files = [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }];
  const { uploads } = createUploadsResponseSchema.parse(
    await (await post('/api/media/uploads', { files })).json(),
  );
  const id = uploads[0]?.media_id ?? '';
  const events = readEvents(await alice.call(`/api/agent/analyze-media/stream?ids=${id},nobody`));
  const seen = [(await events.next()).value?.event, (await events.next()).value?.event];
  expect(seen.sort()).toEqual(['problem', undefined]);
  expect(await codeOf(post(`/api/media/${id}/uploaded`))).toBe('upload_incomplete');
  expect(await codeOf(post(`/api/media/${id}/analyses/describe`))).toBe('not_ready');
  await alice.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
  const names: (string | undefined)[] = [];
  for await (const { event } of events) names.push(event);
  expect(names).toEqual(['removed', 'done']);
});

test('a stream of the library tells of what changes and of what is deleted', async () => {
  const events = readEvents(await alice.call('/api/media/stream'));
  expect((await events.next()).value?.event).toBe('since');
  const { media_ids } = await alice.analyze([await file(CAT)]);
  expect((await events.next()).value?.event).toBeUndefined();
  await alice.call(`/api/media/${media_ids}`, { method: 'DELETE' });
  for await (const { event } of events) if (event === 'removed') break;
});

test('webhooks', async () => {
  await alice.results((await alice.analyze([await file(CAT)])).media_ids);
  const path = `/api/webhooks/${webhook}`;
  const had = { headers: { 'If-None-Match': '*' } };
  expect(await statusOf(backend.call(path, had))).toBe(304);
  const delivery = await eventually(async () => {
    const listed = await (await backend.call(`${path}/deliveries?limit=1`)).json();
    return webhookDeliveryListSchema.parse(listed).deliveries[0]?.id;
  });
  for (const [method, asked, status, said] of [
    ['GET', '/api/webhooks', 200],
    ['GET', path, 200],
    ['PATCH', path, 200, { url: `${receiver.url}/new` }],
    ['POST', `${path}/test`, 202],
    ['POST', `${path}/deliveries/resend`, 202, { from: '2026-01-01T00:00:00Z' }],
    ['POST', `${path}/deliveries/${delivery}/resend`, 202],
    ['POST', `${path}/rotate`, 200],
    ['POST', `${path}/enable`, 200],
    ['DELETE', path, 204],
  ] as const) {
    const body = said && { body: JSON.stringify(said) };
    const answered = await statusOf(backend.call(asked, { method, ...body }));
    expect([asked, answered]).toEqual([asked, status]);
  }
});

test('a callback', async () => {
  const headers = { 'X-On-Behalf-Of': 'alice' };
  const body = form([await file(CAT)], { callback_url: receiver.url });
  const sent = await backend.call('/api/agent/analyze-media', { method: 'POST', headers, body });
  const { media_ids } = analyzeMediaResponseSchema.parse(await sent.json());
  const path = `/api/media/${media_ids[0]}/deliveries`;
  const delivery = await eventually(async () => {
    const listed = await (await backend.call(path, { headers })).json();
    return webhookDeliveryListSchema.parse(listed).deliveries[0]?.id;
  });
  const again = backend.call(`${path}/${delivery}/resend`, { method: 'POST', headers });
  expect(await statusOf(again)).toBe(202);
  expect(await codeOf(alice.call(path))).toBe('forbidden');
});

test.each(OPERATIONS)(
  '%s refuses a parameter that it does not know, and one that is there twice',
  async (name) => {
    const route = CONTRACT[name];
    const { scope, method, path } = route;
    const parameters = parametersOf(route);
    const who = scope === 'admin' ? backend : alice;
    const address = path.replaceAll(/\{\w+\}/g, 'nobody');
    const ask = async (query: string) => {
      const response = await who.call(`${address}?${query}`, { method });
      return problemSchema.parse(await response.json());
    };
    const known = parameters.length > 0 ? parameters.join(', ') : 'none';
    expect(await ask('Permanently=true')).toMatchObject({
      code: 'invalid_request',
      detail: `"Permanently" is no parameter of this request. It has: ${known}.`,
    });
    const [first] = parameters;
    if (first === undefined) return;
    expect(await ask(`${first}=1&${first}=2`)).toMatchObject({
      code: 'invalid_request',
      detail: `${first}: say it once; it is there several times.`,
    });
  },
);

test('reanalyses', async () => {
  await alice.results((await alice.analyze([await file(CAT)])).media_ids);
  const quote = async () =>
    reanalysisSchema.parse(
      await (await post('/api/reanalyses', { analysis: 'describe', language: 'ja' })).json(),
    );
  const { id } = await quote();
  const late = await quote();
  expect(await codeOf(post(`/api/reanalyses/${id}/pause`))).toBe('reanalysis_conflict');
  for (const change of ['confirm', 'pause', 'resume', 'cancel']) {
    expect(await statusOf(post(`/api/reanalyses/${id}/${change}`))).toBe(202);
  }
  await db
    .doc(`reanalyses/${late.id}`)
    .update({ 'quote.expires_at': new Date(Date.now() - 1).toISOString() });
  expect(await codeOf(post(`/api/reanalyses/${late.id}/confirm`))).toBe('quote_expired');
  expect(await readAll(alice.call(`/api/reanalyses/${id}/stream`))).toBeGreaterThan(1);
  const headers = { 'Last-Event-ID': 'done' };
  expect(await statusOf(alice.call(`/api/reanalyses/${id}/stream`, { headers }))).toBe(204);
  for (const path of ['', `/${id}`]) {
    expect(await statusOf(alice.call(`/api/reanalyses${path}`))).toBe(200);
  }
});

test('imports', async () => {
  const body = JSON.stringify({ source: { gs: 'gs://shop-photos/' } });
  const headers = { 'X-On-Behalf-Of': 'alice' };
  const begun = await backend.call('/api/imports', { method: 'POST', body, headers });
  const { id } = importSchema.parse(await begun.json());
  // Nobody works on it from then on, so that it stays as it is until it is changed.
  await eventually(async () => {
    const { state } = importSchema.parse(await (await alice.call(`/api/imports/${id}`)).json());
    return state === 'completed' || undefined;
  });
  await db.doc(`imports/${id}`).update({ state: 'running', ended_at: null });
  for (const change of ['pause', 'resume', 'cancel']) {
    expect(await statusOf(post(`/api/imports/${id}/${change}`))).toBe(202);
  }
  for (const path of ['', `/${id}`]) {
    expect(await statusOf(alice.call(`/api/imports${path}`))).toBe(200);
  }
});

test('what is refused of files', async () => {
  const send = (files: File[], headers = {}) =>
    codeOf(post('/api/agent/analyze-media', form(files), headers));
  const named = (name: string, size: number) =>
    new File([new Uint8Array(size)], name, { type: 'image/png' });
  expect(await send([])).toBe('no_file');
  expect(await send([named('a.png', 0)])).toBe('empty_file');
  expect(await send([named('a.png', 300_001)])).toBe('file_too_large');
  expect(await send(Array.from({ length: 3 }, () => named('a.png', 290_000)))).toBe(
    'body_too_large',
  );
  expect(await send(Array.from({ length: 4 }, () => named('a.png', 9)))).toBe('too_many_files');
  expect(await send([new File(['a'], 'a.txt', { type: 'text/plain' })])).toBe(
    'unsupported_media_type',
  );
  expect(await codeOf(post('/api/agent/analyze-media', {}))).toBe('not_multipart');
  const key = { 'Idempotency-Key': randomUUID() };
  await alice.analyze([await file(CAT)], key);
  expect(await send([await file('05-dogs.jpg')], key)).toBe('idempotency_key_reused');
  expect(await statusOf(post('/api/media/uploads/close', undefined, key))).toBe(200);

  const bytes = await clip();
  const announced = { file_name: 'a.mp4', content_type: 'video/mp4', size: bytes.length };
  const { uploads } = createUploadsResponseSchema.parse(
    await (await post('/api/media/uploads', { files: [announced] })).json(),
  );
  const [{ media_id = '' } = {}] = uploads;
  await stage(media_id, 'others');
  expect(await codeOf(post(`/api/media/${media_id}/uploaded`))).toBe('upload_size_differs');
  const many = { files: [announced, announced, announced] };
  await post('/api/media/uploads', many);
  expect(await codeOf(post('/api/media/uploads', many))).toBe('rate_limited');
});

/** As nobody can by a session of Cloud Storage, which takes no more than was announced. */
async function stage(id: string, bytes: string): Promise<void> {
  const { STORAGE_EMULATOR_HOST: host, STAGING_BUCKET: bucket } = stack.environment;
  const name = encodeURIComponent(stagingName(id));
  await fetch(`${host}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${name}`, {
    method: 'POST',
    body: bytes,
  });
}

test('what is refused of other requests', async () => {
  const { media_ids } = await alice.analyze([await file(CAT)]);
  const [id = ''] = media_ids;
  await alice.results([id]);
  expect(await codeOf(post(`/api/media/${id}/retry`))).toBe('not_retryable');
  expect(await codeOf(post(`/api/media/${id}/analyses/receipt`))).toBe('analysis_not_offered');
  expect(await codeOf(alice.call('/api/media/nobody'))).toBe('not_found');
  expect(await codeOf(alice.call('/api/media/nobody', { method: 'PUT' }))).toBe(
    'method_not_allowed',
  );
  const callback = form([await file(CAT)], { callback_url: 'https://shop.example/' });
  expect(await codeOf(post('/api/agent/analyze-media', callback))).toBe('forbidden');
  expect(await codeOf(client(stack, 'nonsense').call('/api/media'))).toBe('unauthenticated');
  const early = { headers: { 'If-Match': '"none"' }, method: 'DELETE' };
  expect(await codeOf(alice.call(`/api/media/${id}`, early))).toBe('precondition_failed');
  const text = { 'Content-Type': 'text/plain' };
  expect(await codeOf(post('/api/media/delete', { ids: [id] }, text))).toBe('not_json');
  const patch = { method: 'PATCH', body: '{' };
  expect(await codeOf(alice.call(`/api/media/${id}`, patch))).toBe('malformed_body');
  expect(await codeOf(slow())).toBe('request_timeout');

  const user = client(held, await tokenOf(held, 'alice'));
  const [unchecked = ''] = (await user.analyze([await file(CAT)])).media_ids;
  await user.results([unchecked]);
  expect(await codeOf(user.call(`/api/media/${unchecked}/content`))).toBe('media_held');
});

/** Sends a body that never ends. */
async function slow(): Promise<Response> {
  const call = request(`${stack.url}/api/agent/analyze-media`, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=xyz' },
  });
  call.write('--xyz\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n');
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  call.on('error', reject);
  call.on('response', (answer) => {
    json(answer).then((body) => {
      call.destroy();
      const { statusCode: status = 0 } = answer;
      const headers = new Headers(answer.headers as Record<string, string>);
      resolve(new Response(JSON.stringify(body), { status, headers }));
    }, reject);
  });
  const response = await promise;
  await holdToContract({ method: 'POST', url: `${stack.url}/api/agent/analyze-media` }, response);
  return response;
}

test('what goes wrong on the side of the service', async () => {
  const now = Timestamp.now();
  await db.doc('media/broken').set({ owner_id: 'alice', created_at: 'never', updated_at: now });
  expect(await codeOf(alice.call('/api/media/broken'))).toBe('internal');
  await db.doc('media/broken').delete();

  const alone: LoneUnit = await startLoneUnit('api', { AUTH_JWKS_URL: 'http://127.0.0.1:9/' });
  try {
    const token = await tokenOf(stack, 'alice');
    expect(await codeOf(client(alone, token).call('/api/media'))).toBe('unavailable');
  } finally {
    await alone.close();
  }
});

test.each(['openapi.json', 'docs', 'docs.css'])('%s is for everybody', async (name) => {
  const nobody = client(stack);
  const response = await nobody.call(`/api/${name}`);
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  const headers = { 'If-None-Match': response.headers.get('etag') ?? '' };
  expect(await statusOf(nobody.call(`/api/${name}`, { headers }))).toBe(304);
});

/** Only as the `error_code` of a media, or of one file of several. */
const OF_MEDIA = Object.keys(ERRORS).filter((code) => {
  return code.startsWith('analysis_') && code !== 'analysis_not_offered';
});
const OF_FILES = [
  'media_corrupt',
  'media_missing',
  'media_too_complex',
  'video_too_long',
  'video_without_frames',
];

test('each other route answers what its documentation asks', async () => {
  const { media_ids } = await alice.analyze([await file(CAT)]);
  await alice.results(media_ids);
  const unmet = goodAnswers().filter((each) => !met.has(each));
  for (const name of OPERATIONS.filter((each) => unmet.some((it) => it.startsWith(`${each} `)))) {
    const who = CONTRACT[name].scope === 'admin' ? backend : alice;
    await statusOf(who.call(...(await documentedRequest(name, `${media_ids[0]}`))));
  }
});

const goodAnswers = () => meetable().filter((each) => / \d+$/.test(each));

test('by now each route was met, each of its good answers and each error code', () => {
  const good = goodAnswers();
  expect(good.filter((each) => !met.has(each))).toEqual([]);
  expect(good.length).toBeGreaterThan(OPERATIONS.length);
  const codesMet = new Set([...met].flatMap((each) => / ([a-z_]+)$/.exec(each)?.slice(1) ?? []));
  const never = Object.keys(ERRORS).filter((code) => !codesMet.has(code));
  expect(never.sort()).toEqual([...OF_MEDIA, ...OF_FILES].sort());
  const codes: string[] = Object.values(CONTRACT).flatMap(({ codes }) => [...codes]);
  expect(never.filter((code) => codes.includes(code))).toEqual([]);
});
