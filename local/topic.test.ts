/** Events that the whole product publishes to a topic, in order, and the stand-in that receives them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { client, eventually, file, form, type Stack, startStack } from '../test/support/stack.ts';
import type { Published } from './topic.ts';

const TOPIC = 'projects/media-analysis-local/topics/media-events';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ environment: { EVENTS_TOPIC: TOPIC } });
});
afterAll(() => stack.close());

async function published(): Promise<Published[]> {
  const { topic } = (await (await fetch(`${stack.url}/local/inbox/messages`)).json()) as {
    topic: Published[];
  };
  return topic.toReversed();
}

test('each event is published once, as a CloudEvent, and those of one media in their order', async () => {
  const body = form([await file('02-cat.png'), await file('05-dogs.jpg')]);
  const response = await client(stack).call('/api/agent/analyze-media', { method: 'POST', body });
  const { media_ids } = (await response.json()) as { media_ids: string[] };
  const all = await eventually(async () => {
    const found = await published();
    return found.length >= 7 ? found : undefined;
  });
  expect(all.every(({ topic }) => topic === TOPIC)).toBe(true);
  for (const id of media_ids) {
    const about = all.filter(({ orderingKey }) => orderingKey === id);
    expect(about.map(({ attributes }) => attributes['ce-type'])).toEqual([
      'media.created',
      'analysis.completed',
      'media.completed',
    ]);
    const [, , end] = about;
    expect(end?.attributes).toMatchObject({ 'ce-specversion': '1.0', 'ce-subject': id });
    expect(JSON.parse(end?.data ?? '')).toMatchObject({ media_id: id, owner_id: 'local' });
  }
  const [batch] = all.filter(({ orderingKey }) => orderingKey === '');
  expect(batch?.attributes['ce-type']).toBe('batch.completed');
  expect(new Set(all.map(({ attributes }) => attributes['ce-id'])).size).toBe(7);
});

test.each([
  ['no message', { messages: [] }],
  ['data that is not base64', { messages: [{ data: '{}' }] }],
  ['an attribute that is too long', { messages: [{ attributes: { a: 'x'.repeat(1_025) } }] }],
  ['an attribute of Google', { messages: [{ attributes: { google: '1' } }] }],
  ['a field that is none', { messages: [{ ordering_key: 'a' }] }],
])('%s is refused, as by Pub/Sub', async (_what, body) => {
  const host = stack.environment.PUBSUB_EMULATOR_HOST;
  const publish = { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`http://${host}/v1/${TOPIC}:publish`, publish);
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { error: { status: 'INVALID_ARGUMENT' } },
  ]);
});
