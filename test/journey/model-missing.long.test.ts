/** A model that is not there: photos are stored and wait, nothing is lost, and they go on by themselves. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { client, eventually, file, type Stack, startStack } from '../support/stack.ts';

let isThere = false;
let gemini: RunningGemini;
let stack: Stack;
let firestore: Firestore;

const MAX_DELIVERIES = 2;

beforeAll(async () => {
  gemini = await startGemini({
    exists: () => isThere,
    respond: () => (isThere ? undefined : replies.noSuchModel()),
  });
  stack = await startStack({
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
      MAX_DELIVERIES: String(MAX_DELIVERIES),
    },
  });
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    stack.environment;
  firestore = new Firestore({ projectId, host, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
  await gemini.close();
});

async function health(): Promise<unknown> {
  const port = await stack.units.worker.listening();
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  expect(response.status).toBe(200);
  return response.json();
}

test('photos wait for it with a reason, use up no delivery, and complete once it is there', async () => {
  const user = client(stack);
  expect(await health()).toMatchObject({
    status: 'degraded',
    reason: expect.stringContaining(EXAMPLE_GEMINI),
  });

  const names = ['02-cat.png', '03-coffee.webp', '05-dogs.jpg'];
  const { media_ids } = await user.analyze(await Promise.all(names.map(file)));
  const waiting = (media: Media[]) => media.every(({ retry_at }) => retry_at !== null);
  const media = await eventually(async () => {
    const all = await Promise.all(media_ids.map((id) => user.get(id)));
    return waiting(all) ? all : undefined;
  });
  for (const each of media) {
    expect(each).toMatchObject({
      status: 'analyzing',
      attempts: 1,
      error_code: null,
      url: `/api/media/${each.id}/content`,
      wait_code: 'analysis_model_missing',
    });
    expect(Date.parse(each.retry_at ?? '')).toBeGreaterThan(Date.now());
  }
  // Those that were asked about side by side; what comes now is not.
  const calls = gemini.requests.length;
  expect(calls).toBeLessThanOrEqual(names.length);

  // As often as it may be, and once more: each delivery after its time, as no lease and no wait holds it.
  const [id = ''] = media_ids;
  const ref = firestore.collection('media').doc(id);
  for (let n = 0; n <= MAX_DELIVERIES; n++) {
    await eventually(async () => (await ref.get()).get('lease') === null || undefined);
    await ref.update({ retry_at: null });
    await stack.callWorker('/tasks/analyze-media', { media_id: id, attempt: 1 });
  }
  const record = await eventually(async () => {
    const snapshot = await ref.get();
    return snapshot.get('retry_at') === null ? undefined : snapshot;
  });
  expect(record.data()).toMatchObject({ status: 'analyzing', deliveries: 0 });

  isThere = true;
  const done = await user.results(media_ids);
  expect(done).toMatchObject(
    media_ids.map(() => ({
      status: 'completed',
      attempts: 1,
      retry_at: null,
      wait_code: null,
      analytics: { model: `googleai/${EXAMPLE_GEMINI}` },
    })),
  );
  expect(await health()).toEqual({ status: 'ok' });
});
