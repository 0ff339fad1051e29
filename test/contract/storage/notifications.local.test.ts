// Local only: Google's own storage publishes to Google's own Pub/Sub, which no test can read without an account.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { arrivalRulesSchema } from '../../../functions/features/imports/arrival-rules.ts';
import { provisionArrivals } from '../../../local/base/provision-arrivals.ts';
import { startTopics } from '../../../local/topic.ts';
import { createIdentity } from '../../../local-cloud/identity/identity.ts';
import { startStorage } from '../../../local-cloud/storage/server.ts';
import { eventually } from '../../support/eventually.ts';
import { clientFor } from '../../support/storage.ts';

const TOPIC = 'projects/p/topics/arrivals';

interface Message {
  topic: string;
  data: string;
  attributes: Record<string, string>;
}

const published: Message[] = [];
let refusals = 0;
let storage: Awaited<ReturnType<typeof startStorage>>;

beforeAll(async () => {
  storage = await startStorage({
    publish: async (topic, message) => {
      if (refusals-- > 0) throw new Error('Pub/Sub is away');
      published.push({ topic, ...message });
    },
  });
});
afterAll(() => storage.close());

const client = () => clientFor(`http://127.0.0.1:${storage.port}`);

test('a new object is told of as Google documents it, to who has asked for it', async () => {
  const [bucket] = await client().createBucket('asked');
  const [made] = await bucket.createNotification(TOPIC, {
    eventTypes: ['OBJECT_FINALIZE'],
    objectNamePrefix: 'in/',
    customAttributes: { shop: 'one' },
  });
  expect((await bucket.getNotifications())[0].map(({ id }) => id)).toEqual([made.id]);
  expect((await made.getMetadata())[0]).toMatchObject({
    kind: 'storage#notification',
    topic: `//pubsub.googleapis.com/${TOPIC}`,
    payload_format: 'JSON_API_V1',
    object_name_prefix: 'in/',
  });
  refusals = 1;
  await bucket.file('out/a.jpg').save('1', { resumable: false });
  await bucket.file('in/ä.jpg').save('1', { resumable: false, contentType: 'image/jpeg' });
  await eventually(async () => published.length === 1 || undefined);
  await bucket.file('in/ä.jpg').save('22', { resumable: true, contentType: 'image/jpeg' });
  await bucket.file('out/a.jpg').copy(bucket.file('in/copy.jpg'));
  await eventually(async () => published.length === 3 || undefined);
  const [first, second, copied] = published;
  const generation = first?.attributes.objectGeneration;
  expect(first).toEqual({
    topic: TOPIC,
    data: expect.any(String),
    attributes: {
      shop: 'one',
      notificationConfig: `projects/_/buckets/asked/notificationConfigs/${made.id}`,
      eventType: 'OBJECT_FINALIZE',
      payloadFormat: 'JSON_API_V1',
      bucketId: 'asked',
      objectId: 'in/ä.jpg',
      objectGeneration: expect.stringMatching(/^\d{16}$/),
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    },
  });
  expect(JSON.parse(Buffer.from(first?.data ?? '', 'base64').toString())).toMatchObject({
    kind: 'storage#object',
    name: 'in/ä.jpg',
    bucket: 'asked',
    generation,
    contentType: 'image/jpeg',
    size: '1',
    metageneration: '1',
    selfLink: 'https://www.googleapis.com/storage/v1/b/asked/o/in%2F%C3%A4.jpg',
  });
  expect(second?.attributes).toMatchObject({ overwroteGeneration: generation });
  expect(copied?.attributes).toMatchObject({ objectId: 'in/copy.jpg' });

  await made.delete();
  expect((await bucket.getNotifications())[0]).toEqual([]);
  await bucket.file('in/b.jpg').save('1', { resumable: false });
  expect(published).toHaveLength(3);
});

test('what is pushed has a token of the account, and comes again until it is acknowledged', async () => {
  const got: { token: unknown; body: unknown }[] = [];
  const worker = createServer(async (request, response) => {
    const [, claims = ''] = request.headers.authorization?.split('.') ?? [];
    const token = JSON.parse(Buffer.from(claims, 'base64url').toString()) as unknown;
    got.push({ token, body: JSON.parse(await text(request)) });
    response.writeHead(got.length < 3 ? 503 : 204).end();
  }).listen(0, '127.0.0.1');
  await once(worker, 'listening');
  const url = `http://127.0.0.1:${(worker.address() as AddressInfo).port}/tasks`;
  const pubsub = await startTopics({ identity: await createIdentity({}) });
  const send = (method: string, path: string, body: object) =>
    fetch(`http://127.0.0.1:${pubsub.port}/v1/${path}`, { method, body: JSON.stringify(body) });
  const account = 'tasks@p.iam.gserviceaccount.com';
  const oidcToken = { serviceAccountEmail: account, audience: 'https://worker' };
  const subscription = {
    topic: TOPIC,
    pushConfig: { pushEndpoint: url, oidcToken },
    retryPolicy: { minimumBackoff: '0.05s', maximumBackoff: '0.1s' },
  };
  const path = 'projects/p/subscriptions/s';
  expect((await send('PUT', path, { ...subscription, topic: 'arrivals' })).status).toBe(400);
  expect((await send('PUT', path, subscription)).status).toBe(200);
  const message = { data: Buffer.from('hello').toString('base64'), attributes: { a: 'b' } };
  const answer = await send('POST', `${TOPIC}:publish`, { messages: [message] });
  const { messageIds } = (await answer.json()) as { messageIds: string[] };
  await eventually(async () => got.length === 3 || undefined);
  const [messageId] = messageIds;
  const publishTime = expect.any(String);
  const twice = { message_id: messageId, publish_time: publishTime };
  for (const { token, body } of got) {
    expect(token).toMatchObject({ email: account, email_verified: true, aud: 'https://worker' });
    expect(body).toEqual({
      message: { ...message, messageId, publishTime, ...twice },
      subscription: path,
    });
  }
  await pubsub.close();
  worker.closeAllConnections();
  worker.close();
  await once(worker, 'close');
});

test('a second start with other rules asks for these alone', async () => {
  const pubsub = await startTopics({ identity: await createIdentity({}) });
  const [bucket] = await client().createBucket('twice');
  const places = {
    project: 'p',
    storage: `http://127.0.0.1:${storage.port}`,
    pubsub: `127.0.0.1:${pubsub.port}`,
    workerUrl: 'http://worker',
    account: 'a@p.example',
  };
  const told = async (...prefixes: string[]) => {
    const rules = prefixes.map((prefix) => ({ bucket: 'twice', prefix }));
    await provisionArrivals(arrivalRulesSchema.parse(JSON.stringify(rules)), places);
    const [all] = await bucket.getNotifications();
    return all.map(({ metadata }) => metadata.object_name_prefix);
  };
  expect(await told('old/{owner}/', 'users/{owner}/')).toEqual(['old/', 'users/']);
  expect(await told('users/{owner}/', 'users/{owner}/raw/')).toEqual(['users/']);
  await pubsub.close();
});
