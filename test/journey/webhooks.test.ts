/** A backend is told how its media end: by a webhook, or at the address of one request. */
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  resentSchema,
  type WebhookDelivery,
  type WebhookWithSecret,
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  webhookListSchema,
  webhookSchema,
  webhookWithSecretSchema,
} from '@media-analysis/shared/webhooks';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import { longTest } from '../support/long-test.ts';
import {
  client,
  databaseOf,
  eventually,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { bucketOf, fillBucket } from './imports.ts';

let stack: Stack;
let firestore: Firestore;
let receiver: Receiver;
let callbackSecret: string;
let isTaking = true;
const made: Record<string, string> = {};

beforeAll(async () => {
  stack = await startStack({ environment: { IMPORT_BUCKETS: 'shop-photos' } });
  receiver = await startReceiver((response) => {
    response.writeHead(isTaking ? 204 : 500).end();
    return isTaking;
  });
  firestore = databaseOf(stack);
  const keys = new ServiceKeys(async () => firestore);
  const admin = await keys.add('admin', ['read', 'write', 'admin']);
  callbackSecret = admin.record.callback_secret;
  made.admin = admin.key;
  made.writer = (await keys.add('writer', ['read', 'write'])).key;
});
afterAll(async () => {
  await receiver.close();
  await firestore.terminate();
  await stack.close();
});

/** @param user Absent: nobody is named. */
const call = (
  path: string,
  method = 'GET',
  body?: object | FormData,
  user?: string,
  key = made.admin,
) =>
  client(stack, key).call(path, {
    method,
    ...(body && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    headers: { ...(user !== undefined && { 'X-On-Behalf-Of': user }) },
  });

async function register(body: object = {}, user?: string): Promise<WebhookWithSecret> {
  const response = await call('/api/webhooks', 'POST', { url: receiver.url, ...body }, user);
  expect(response.status).toBe(201);
  return webhookWithSecretSchema.strict().parse(await response.json());
}

const idOf = async (response: Response) => ((await response.json()) as { id: string }).id;

async function send(user: string, fields: Record<string, string> = {}, photos = ['02-cat.png']) {
  const body = form(await Promise.all(photos.map(file)), fields);
  const response = await call('/api/agent/analyze-media', 'POST', body, user);
  expect(response.status).toBe(202);
  return ((await response.json()) as { media_ids: string[] }).media_ids;
}

/** The messages about one user that were taken. */
const toldOf = (user: string) =>
  [...receiver.taken.values()].filter(({ payload }) => payload.data.owner_id === user);

const deliveriesOf = async (id: string): Promise<WebhookDelivery[]> => {
  const response = await call(`/api/webhooks/${id}/deliveries`);
  return webhookDeliveryListSchema.strict().parse(await response.json()).deliveries;
};

test('a webhook is told of each analysis, media and batch, of imports and reanalyses, signed with its secret', async () => {
  const { id, secret } = await register({}, 'alice');
  // A worker may have read the list of webhooks just before.
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  const names = { external_id: '["shop-1","shop-2"]' };
  const ids = await send('alice', names, ['02-cat.png', '03-coffee.webp']);
  const told = await eventually(async () => {
    const found = toldOf('alice');
    return found.length >= 7 ? found : undefined;
  });
  const types = told.map(({ payload }) => payload.type).toSorted();
  expect(types).toEqual([
    ...['analysis.completed', 'analysis.completed', 'batch.completed'],
    ...['media.completed', 'media.completed', 'media.created', 'media.created'],
  ]);
  expect(told.every(({ isSignedWith }) => isSignedWith(secret))).toBe(true);
  expect(told.some(({ isSignedWith }) => isSignedWith(callbackSecret))).toBe(false);
  for (const mediaId of ids) {
    const { revision } = await client(stack, await tokenOf(stack, 'alice')).get(mediaId);
    const [end] = told.flatMap(({ payload }) =>
      payload.type === 'media.completed' && payload.data.media_id === mediaId ? [payload.data] : [],
    );
    expect(end).toMatchObject({ revision, attempt: 1, error_code: null });
  }
  const deliveries = await eventually(async () => {
    const found = await deliveriesOf(id);
    return found.every(({ state }) => state === 'delivered') ? found : undefined;
  });
  expect(deliveries).toHaveLength(7);
  expect(deliveries[0]?.attempts).toMatchObject([{ status: 204, error: null }]);
  const [first = ''] = ids;
  await call(`/api/media/${first}`, 'DELETE', undefined, 'alice');
  await call(`/api/media/${first}/restore`, 'POST', undefined, 'alice');
  await call(`/api/media/${first}?permanently=true`, 'DELETE', undefined, 'alice');
  const ofFirst = await eventually(async () => {
    const found = toldOf('alice').flatMap(({ payload: { type, data } }) =>
      'media_id' in data && data.media_id === first ? [{ type, ...data }] : [],
    );
    return found.length >= 6 ? found : undefined;
  });
  expect(ofFirst.map(({ type }) => type)).toEqual([
    ...['media.created', 'analysis.completed', 'media.completed'],
    ...['media.deleted', 'media.restored', 'media.deleted'],
  ]);
  expect(ofFirst.map(({ external_id }) => external_id)).toEqual(Array(6).fill('shop-1'));
  const erased = ofFirst.flatMap((each) => ('permanently' in each ? [each.permanently] : []));
  expect(erased).toEqual([false, true]);
  // A receiver sorts by it what comes twice. The description was written with the end of its media.
  const revisions = ofFirst.map(({ revision }) => revision);
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  expect(new Set(revisions).size).toBeGreaterThanOrEqual(5);
  const source = { gs: 'gs://shop-photos/' };
  await call('/api/imports', 'POST', { source }, 'alice');
  const wish = { analysis: 'describe', language: 'ja' };
  const quoted = await call('/api/reanalyses', 'POST', wish, 'alice');
  const run = `/api/reanalyses/${await idOf(quoted)}`;
  for (const change of ['confirm', 'pause', 'cancel']) {
    await call(`${run}/${change}`, 'POST', undefined, 'alice');
  }
  const [imported, again] = await eventually(async () => {
    const found = toldOf('alice').filter(({ payload }) => payload.type.endsWith('.ended'));
    const sorted = found
      .map(({ payload }) => payload)
      .toSorted((a, b) => (a.type < b.type ? -1 : 1));
    return sorted.length >= 2 ? sorted : undefined;
  });
  const none = { state: 'completed', found: 0, accepted: 0, skipped: 0, done: 0, failed: 0 };
  expect(imported).toMatchObject({ type: 'import.ended', data: { ...none, in_flight: 0 } });
  expect(again).toMatchObject({
    type: 'reanalysis.ended',
    data: { state: 'cancelled', failed: 0 },
  });
  await call(`/api/webhooks/${id}`, 'DELETE');
});

test('a request is told at its own address, signed with the secret of the key', async () => {
  const photos = ['02-cat.png'];
  const [id] = await send('carol', { callback_url: receiver.url }, photos);
  const told = await eventually(async () => {
    const found = toldOf('carol');
    return found.length >= 2 ? found : undefined;
  });
  expect(told.map(({ payload }) => payload.type).toSorted()).toEqual([
    'batch.completed',
    'media.completed',
  ]);
  expect(told.every(({ isSignedWith }) => isSignedWith(callbackSecret))).toBe(true);
  const shown = await client(stack, await tokenOf(stack, 'carol')).get(id ?? '');
  expect(JSON.stringify(shown)).not.toContain(receiver.url);
});

test('a file that is imported again after its erasure is worked on at once, and its end is told as a new one', async () => {
  await fillBucket(bucketOf(stack, 'shop-photos'), 'again/', 1);
  const source = { gs: 'gs://shop-photos/again/' };
  for (const times of [1, 2]) {
    await call('/api/imports', 'POST', { source, callback_url: receiver.url }, 'erin');
    const told = await eventually(async () => {
      const found = toldOf('erin');
      return found.length === times ? found : undefined;
    });
    const id = told.at(-1)?.payload.data as { media_id: string };
    await call(`/api/media/${id.media_id}?permanently=true`, 'DELETE', undefined, 'erin');
  }
});

test('a file that is only stored is told of at the address of its request, too', async () => {
  const body = form([await file('02-cat.png')], { callback_url: receiver.url });
  const response = await call('/api/media', 'POST', body, 'oscar');
  expect(response.status).toBe(202);
  const { media_id } = (await response.json()) as { media_id: string };
  const [told] = await eventually(async () => {
    const found = toldOf('oscar');
    return found.length > 0 ? found : undefined;
  });
  expect(told?.payload).toMatchObject({ type: 'media.completed', data: { media_id } });
});

longTest(
  'a receiver that does not answer is asked in the queue of slow ones, and the others are told',
  async () => {
    const silent = await startReceiver(() => false);
    try {
      const [id] = await send('heidi', { callback_url: silent.url });
      const attempts = await eventually(async () => {
        const response = await call(`/api/media/${id}/deliveries`, 'GET', undefined, 'heidi');
        const { deliveries } = webhookDeliveryListSchema.parse(await response.json());
        const all = deliveries
          .flatMap((each) => each.attempts)
          .toSorted((a, b) => (a.at < b.at ? -1 : 1));
        const waited = all.filter(({ error }) => error === 'timeout');
        return waited.length >= 3 && all.some(({ error }) => error === 'silent') ? all : undefined;
      });
      // Both messages were waited for in the queue of all receivers, or one of them; then one of them in the queue of slow ones.
      const waits = attempts
        .filter(({ error }) => error === 'timeout')
        .map((each) => each.duration_ms);
      expect(Math.min(...waits)).toBeLessThan(Math.max(...waits) / 2);
      expect(silent.all).toHaveLength(waits.length);
      await send('heidi', { callback_url: receiver.url });
      await eventually(async () => (toldOf('heidi').length >= 2 ? true : undefined));
    } finally {
      await silent.close();
    }
  },
);

test('what a request is told at its own address can be looked at and sent again', async () => {
  isTaking = false;
  const [id, other] = await send('grace', { callback_url: receiver.url }, [
    '02-cat.png',
    '05-dogs.jpg',
  ]);
  const path = `/api/media/${id}/deliveries`;
  const list = async () => {
    const response = await call(path, 'GET', undefined, 'grace', made.writer);
    expect(response.status).toBe(200);
    return webhookDeliveryListSchema.strict().parse(await response.json()).deliveries;
  };
  const refused = await eventually(async () => {
    const found = await list();
    const isTried = found.every(({ attempts }) => attempts.length > 0);
    return found.length === 2 && isTried ? found : undefined;
  });
  // Of this media, and of its batch.
  expect(refused.map(({ type, state }) => [type, state]).toSorted()).toEqual([
    ['batch.completed', 'pending'],
    ['media.completed', 'pending'],
  ]);
  isTaking = true;
  for (const { id: delivery } of refused) {
    expect((await call(`${path}/${delivery}/resend`, 'POST', undefined, 'grace')).status).toBe(202);
  }
  await eventually(async () => {
    const found = await list();
    return found.every(({ state }) => state === 'delivered') ? true : undefined;
  });
  const taken = [...receiver.taken.keys()];
  expect(taken).toEqual(expect.arrayContaining(refused.map(({ event_id }) => event_id)));
  const [first] = refused.filter(({ type }) => type === 'media.completed');
  const elsewhere = `/api/media/${other}/deliveries/${first?.id}/resend`;
  expect((await call(elsewhere, 'POST', undefined, 'grace')).status).toBe(404);
  for (const method of ['GET', 'POST'] as const) {
    const asked = method === 'GET' ? path : `${path}/${first?.id}/resend`;
    expect((await call(asked, method, undefined, 'mallory')).status).toBe(404);
    const owner = await call(asked, method, undefined, undefined, await tokenOf(stack, 'grace'));
    expect(owner.status).toBe(403);
  }
});

longTest(
  'what was not taken can be looked at and sent again; a secret can be replaced',
  async () => {
    const { id, secret } = await register({ events: ['media.completed'] }, 'dave');
    await new Promise((resolve) => setTimeout(resolve, 10_500));
    isTaking = false;
    await send('dave');
    const [failing] = await eventually(async () => {
      const found = await deliveriesOf(id);
      return found[0] && found[0].attempts.length > 0 ? found : undefined;
    });
    expect(failing).toMatchObject({ state: 'pending', attempts: [{ status: 500 }] });
    const shown = webhookSchema.strict().parse(await (await call(`/api/webhooks/${id}`)).json());
    expect(shown.failing_since).not.toBeNull();
    const rotate = async () =>
      webhookWithSecretSchema.parse(await (await call(`/api/webhooks/${id}/rotate`, 'POST')).json())
        .secret;
    // As after an answer that was lost: the receiver knows the first one still.
    const secrets = [secret, await rotate(), await rotate()];
    isTaking = true;
    const path = `/api/webhooks/${id}/deliveries/${failing?.id}/resend`;
    const again = await call(path, 'POST');
    expect(again.status).toBe(202);
    expect(webhookDeliverySchema.strict().parse(await again.json()).state).toBe('pending');
    const [message] = await eventually(async () => {
      const found = toldOf('dave');
      return found.length > 0 ? found : undefined;
    });
    expect(message?.id).toBe(failing?.event_id);
    expect(secrets.map((each) => message?.isSignedWith(each))).toEqual([true, true, true]);
    await call(`/api/webhooks/${id}`, 'DELETE');
    expect((await call(`/api/webhooks/${id}`)).status).toBe(404);
  },
);

test('a test event comes signed; what was missed is found by time, and goes to a new address', async () => {
  const refusing = await startReceiver((response) => {
    response.writeHead(500).end();
    return false;
  });
  const given = { url: refusing.url, events: ['media.failed'] };
  const { id, secret } = await register(given, 'tess');
  const path = `/api/webhooks/${id}`;
  const answer = await call(`${path}/test`, 'POST', undefined, 'tess');
  expect(answer.status).toBe(202);
  const made = webhookDeliverySchema.strict().parse(await answer.json());
  expect(made).toMatchObject({ type: 'webhook.test', state: 'pending' });
  await eventually(async () => ((await deliveriesOf(id))[0]?.attempts.length ? true : undefined));
  await refusing.close();
  const from = made.created_at;
  const listed = async (query: string) => {
    const response = await call(`${path}/deliveries?${query}`, 'GET', undefined, 'tess');
    const { deliveries } = webhookDeliveryListSchema.parse(await response.json());
    return deliveries.map((each) => each.id);
  };
  expect(await listed(`status=pending&from=${from}`)).toEqual([made.id]);
  expect(await listed(`status=failed&from=${from}`)).toEqual([]);
  expect(await listed(`to=${from}`)).toEqual([]);
  const patched = await call(
    path,
    'PATCH',
    { url: receiver.url, events: ['media.deleted'] },
    'tess',
  );
  expect(webhookSchema.strict().parse(await patched.json())).toMatchObject({
    id,
    url: receiver.url,
    events: ['media.deleted'],
    failing_since: null,
  });
  expect((await call(path, 'PATCH', {}, 'tess')).status).toBe(400);
  const resend = async (body: object) => {
    const response = await call(`${path}/deliveries/resend`, 'POST', body, 'tess');
    return resentSchema.strict().parse(await response.json());
  };
  // By default only what was given up.
  expect(await resend({ from })).toEqual({ resent: 0 });
  expect(await resend({ from, status: 'pending' })).toEqual({ resent: 1 });
  const message = await eventually(async () => receiver.taken.get(made.event_id));
  expect(message.payload).toMatchObject({ type: 'webhook.test', data: { webhook_id: id } });
  expect(message.isSignedWith(secret)).toBe(true);
  await call(path, 'DELETE');
});

describe('pages', () => {
  /** Makes older copies of a document. @returns the ids, newest first */
  async function copies(collection: string, id: string, count: number): Promise<string[]> {
    const record = (await firestore.collection(collection).doc(id).get()).data();
    const made = Array.from({ length: count }, (_, n) => ({
      ...record,
      // Two of the same time: the id decides.
      id: `${id}${9 - n}`,
      created_at: Timestamp.fromMillis(
        record?.created_at.toMillis() - 1_000 * Math.ceil((n + 1) / 2),
      ),
    }));
    const batch = firestore.batch();
    for (const each of made) batch.create(firestore.collection(collection).doc(each.id), each);
    await batch.commit();
    return [id, ...made.map((each) => each.id)];
  }

  async function pagesOf(path: string, user?: string): Promise<string[][]> {
    const pages: string[][] = [];
    let token: string | undefined;
    do {
      const next = token === undefined ? '' : `&page_token=${token}`;
      const response = await call(`${path}?limit=2${next}`, 'GET', undefined, user);
      expect(response.status).toBe(200);
      const { next_page_token, ...lists } = (await response.json()) as {
        next_page_token?: string;
      } & Record<string, { id: string }[]>;
      pages.push((Object.values(lists)[0] ?? []).map(({ id }) => id));
      token = next_page_token;
    } while (token !== undefined);
    return pages;
  }

  const inTwos = (ids: string[]) => [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)];

  test('lead through all webhooks and deliveries', async () => {
    const { id } = await register({}, 'pat');
    const hooks = await copies('webhooks', id, 4);
    expect(await pagesOf('/api/webhooks', 'pat')).toEqual(inTwos(hooks));
    const sent = await send('pat', { callback_url: receiver.url });
    const path = `/api/media/${sent[0]}/deliveries`;
    const [first] = await eventually(async () => {
      const found = (await pagesOf(path, 'pat')).flat();
      return found.length === 2 ? found : undefined;
    });
    // Of the media and of its batch: two queries make the pages.
    await copies('webhook_deliveries', first ?? '', 3);
    const pages = await pagesOf(path, 'pat');
    expect(pages.map((each) => each.length)).toEqual([2, 2, 1]);
    expect(new Set(pages.flat()).size).toBe(5);
    expect((await call('/api/webhooks?page_token=x', 'GET', undefined, 'pat')).status).toBe(400);
    for (const hook of hooks) await call(`/api/webhooks/${hook}`, 'DELETE');
  });

  test('lead through all imports and reanalyses', async () => {
    const source = { urls: ['http://localhost:1/none.png'] };
    const begun = await call('/api/imports', 'POST', { source }, 'pat');
    const imports = await copies('imports', await idOf(begun), 4);
    expect(await pagesOf('/api/imports', 'pat')).toEqual(inTwos(imports));
    const quoted = await call('/api/reanalyses', 'POST', { analysis: 'describe' }, 'pat');
    const runs = await copies('reanalyses', await idOf(quoted), 4);
    expect(await pagesOf('/api/reanalyses', 'pat')).toEqual(inTwos(runs));
  });
});

describe('webhooks', () => {
  test('of one user are not seen by a backend that acts for another', async () => {
    const { id } = await register({}, 'erin');
    const listed = async (user?: string) => {
      const body = await (await call('/api/webhooks', 'GET', undefined, user)).json();
      return webhookListSchema.parse(body).webhooks.map((each) => each.id);
    };
    expect(await listed('erin')).toEqual([id]);
    expect(await listed('frank')).toEqual([]);
    expect(await listed()).toContain(id);
    for (const [path, method, body] of [
      [`/api/webhooks/${id}`, 'GET'],
      [`/api/webhooks/${id}`, 'PATCH', { url: receiver.url }],
      [`/api/webhooks/${id}/test`, 'POST'],
      [`/api/webhooks/${id}/deliveries/resend`, 'POST', { from: '2026-01-01T00:00:00Z' }],
      [`/api/webhooks/${id}`, 'DELETE'],
      [`/api/webhooks/${id}/rotate`, 'POST'],
      [`/api/webhooks/${id}/enable`, 'POST'],
      [`/api/webhooks/${id}/deliveries`, 'GET'],
      [`/api/webhooks/${id}/deliveries/evt_x/resend`, 'POST'],
    ] as const) {
      expect((await call(path, method, body, 'frank')).status).toBe(404);
    }
    // Firestore keeps names of this form for itself.
    const reserved = `/api/webhooks/${id}/deliveries/__x__/resend`;
    expect((await call(reserved, 'POST', undefined, 'erin')).status).toBe(404);
    await call(`/api/webhooks/${id}`, 'DELETE', undefined, 'erin');
    expect(await listed('erin')).toEqual([]);
  });

  test('are for keys with the scope admin, and callback_url is for keys', async () => {
    const body = { url: receiver.url };
    expect((await call('/api/webhooks', 'POST', body, 'alice', made.writer)).status).toBe(403);
    const token = await tokenOf(stack, 'alice');
    const withoutKey = await call('/api/webhooks', 'POST', body, undefined, token);
    expect(withoutKey.status).toBe(401);
    expect(await withoutKey.json()).toMatchObject({
      detail: expect.stringContaining('send a service key'),
    });
    const photo = form([await file('02-cat.png')], { callback_url: receiver.url });
    const path = '/api/agent/analyze-media';
    expect((await call(path, 'POST', photo, undefined, token)).status).toBe(403);
    const announced = {
      files: [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }],
      callback_url: receiver.url,
    };
    expect((await call('/api/media/uploads', 'POST', announced, undefined, token)).status).toBe(
      403,
    );
  });

  test.each([
    'http://app.example/',
    'https://169.254.169.254/computeMetadata/v1/',
    'https://metadata.google.internal/',
    'https://[::ffff:10.0.0.1]/',
    'https://10.0.0.1/',
    'https://app.example:22/',
    'file:///etc/passwd',
    'nowhere',
  ])('are not sent to %s', async (url) => {
    const refused = await call('/api/webhooks', 'POST', { url });
    expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
      400,
      expect.stringMatching(/^url: (must|is)/),
    ]);
    const { id } = await register();
    expect((await call(`/api/webhooks/${id}`, 'PATCH', { url })).status).toBe(400);
    await call(`/api/webhooks/${id}`, 'DELETE');
    const photo = form([await file('02-cat.png')], { callback_url: url });
    expect((await call('/api/agent/analyze-media', 'POST', photo, 'alice')).status).toBe(400);
  });
});
