/** A deletion for good while a worker has the media. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import {
  client,
  databaseOf,
  eventually,
  file,
  readEvents,
  type Stack,
  type StreamEvent,
  startStack,
} from '../support/stack.ts';

let gemini: RunningGemini;
let stack: Stack;
let firestore: Firestore;

beforeAll(async () => {
  gemini = await startGemini();
  stack = await startStack({
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
    },
  });
  firestore = databaseOf(stack);
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
  await gemini.close();
});

async function objectsOf(id: string): Promise<string[]> {
  const { STORAGE_EMULATOR_HOST, MEDIA_BUCKET, STAGING_BUCKET } = stack.environment;
  const names = await Promise.all(
    [MEDIA_BUCKET, STAGING_BUCKET].map((bucket) =>
      namesIn(`${STORAGE_EMULATOR_HOST}/storage/v1/b/${bucket}/o?prefix=${id}`),
    ),
  );
  return names.flat();
}

async function namesIn(list: string): Promise<string[]> {
  const { items = [] } = (await (await fetch(list)).json()) as { items?: { name: string }[] };
  return items.map(({ name }) => name);
}

test('a media that is deleted while it is analysed is gone for good, from the stream too', async () => {
  const user = client(stack);
  const deleted = Promise.withResolvers<void>();
  gemini.enqueue({ until: deleted.promise }, { until: deleted.promise });
  const { media_ids } = await user.analyze([
    await file('02-cat.png'),
    await file('03-coffee.webp'),
  ]);
  const [id = ''] = media_ids;
  await eventually(async () => gemini.requests[1]);
  const events: StreamEvent[] = [];
  const stream = await user.call(`/api/agent/analyze-media/stream?ids=${media_ids}`);
  const reading = (async () => {
    for await (const event of readEvents(stream)) events.push(event);
  })();
  await eventually(async () => events[1]);
  expect((await user.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' })).status).toBe(
    204,
  );
  deleted.resolve();
  await reading;
  expect(events).toContainEqual({ event: 'removed', id: undefined, data: { media_id: id } });
  expect(events.at(-1)).toMatchObject({ event: 'done', data: { completed: 1, failed: 0 } });
  expect((await user.call(`/api/media/${id}`)).status).toBe(404);
  // The worker comes back from the model, finds it gone, and leaves nothing behind.
  await eventually(async () => ((await objectsOf(id)).length === 0 ? true : undefined));
  expect((await firestore.collection('media').doc(id).get()).exists).toBe(false);
});
