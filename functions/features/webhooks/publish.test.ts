import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PostError } from './post.ts';
import { createPublish } from './publish.ts';

let server: Server;
let requests: { url: string | undefined; headers: IncomingHttpHeaders; body: string }[];
let status: number;

beforeEach(async () => {
  requests = [];
  status = 200;
  server = createServer(async (request, response) => {
    requests.push({ url: request.url, headers: request.headers, body: await text(request) });
    response.writeHead(status, { 'Content-Type': 'application/json' }).end('{"messageIds":["1"]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const publish = (event: object, body: object, signal = new AbortController().signal) => {
  const { port } = server.address() as AddressInfo;
  const send = createPublish({
    EVENTS_TOPIC: 'projects/p/topics/events',
    GOOGLE_CLOUD_PROJECT: 'p',
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${port}`,
  });
  return send?.(event as never, JSON.stringify(body), { signal, timeoutMs: 10_000 });
};

const data = { owner_id: 'alice', media_id: 'm1', batch_id: 'b1', revision: 7, attempt: 1 };
const message = { type: 'media.completed', timestamp: '2026-11-27T10:00:00.000Z', data };

test('an event is a CloudEvent in binary mode, with the media as its ordering key', async () => {
  expect(await publish({ event_id: 'evt_1', media_id: 'm1', batch_id: 'b1' }, message)).toBe(200);
  const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = requests;
  expect([url, headers.authorization]).toEqual(['/v1/projects/p/topics/events:publish', undefined]);
  const [published] = JSON.parse(body).messages;
  expect(published).toEqual({
    data: expect.any(String),
    attributes: {
      'ce-specversion': '1.0',
      'ce-id': 'evt_1',
      'ce-source': '/projects/p/media-analysis',
      'ce-type': 'media.completed',
      'ce-time': '2026-11-27T10:00:00.000Z',
      'ce-subject': 'm1',
      'content-type': 'application/json',
    },
    orderingKey: 'm1',
  });
  expect(JSON.parse(Buffer.from(published.data, 'base64').toString())).toEqual(data);
});

test('what is about a batch has no order', async () => {
  await publish({ event_id: 'evt_2', media_id: null, batch_id: 'b1' }, message);
  const [published] = JSON.parse(requests[0]?.body ?? '').messages;
  expect(published.orderingKey).toBeUndefined();
  expect(published.attributes['ce-subject']).toBe('b1');
});

test('a refusal is its status, and no answer is an error of one word', async () => {
  status = 403;
  expect(await publish({ event_id: 'e', media_id: 'm1', batch_id: null }, message)).toBe(403);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  const away = createPublish({
    EVENTS_TOPIC: 'projects/p/topics/events',
    GOOGLE_CLOUD_PROJECT: 'p',
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${port}`,
  });
  const { signal } = new AbortController();
  const asked = away?.({ event_id: 'e', batch_id: null }, JSON.stringify(message), {
    signal,
    timeoutMs: 10_000,
  });
  await expect(asked).rejects.toEqual(new PostError('no_answer'));
});

test('without a topic nothing is published', () => {
  expect(createPublish({ GOOGLE_CLOUD_PROJECT: 'p' })).toBeUndefined();
});
