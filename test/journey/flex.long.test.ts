/** An analysis with a model and a tier of its own, from the record of a media through its queue to the receipt. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { loadApiConfig } from '../../functions/api/config.ts';
import { taskOf } from '../../functions/core/media/record.ts';
import { MediaStore } from '../../functions/core/media/store.ts';
import { TaskQueue } from '../../functions/core/media/task-queue.ts';
import { createTasksClient } from '../../functions/process/clients.ts';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import {
  client,
  eventually,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const OTHER = 'gemini-3.6-flash';

let gemini: RunningGemini;
let stack: Stack;
beforeAll(async () => {
  gemini = await startGemini();
  stack = await startStack({
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      MODEL_FALLBACK: `googleai/${OTHER}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
    },
  });
});
afterAll(async () => {
  await stack.close();
  await gemini.close();
});

test('a stored photo is described by the model that is asked for, at half the price, and by the first one at its own', async () => {
  const user = client(stack, await tokenOf(stack, 'alice'));
  const sent = await user.call('/api/media', {
    method: 'POST',
    body: form([await file('02-cat.png')]),
  });
  const { media_id: id } = (await sent.json()) as { media_id: string };
  await user.results([id]);

  const config = loadApiConfig(stack.environment);
  const { GOOGLE_CLOUD_PROJECT: projectId, FIRESTORE_EMULATOR_HOST: host = '' } = config;
  const firestore = new Firestore({ projectId, host, ssl: false });
  const tasks = await createTasksClient(config);
  const wish = { name: 'describe', input: {}, model: `googleai/${OTHER}`, tier: 'flex' as const };
  const record = await new MediaStore(firestore).ask(id, 'alice', wish, 'queued');
  expect(await new TaskQueue(async () => tasks, config).enqueue('analyze', taskOf(record))).toBe(
    true,
  );
  const media = await eventually(async () => {
    const [found] = (await user.results([id])) as Media[];
    return found?.analytics ? found : undefined;
  });
  await tasks.close();
  await firestore.terminate();

  // 400 tokens at $0.75 and 120 at $3.75 a million, and half of that.
  expect(media).toMatchObject({
    status: 'completed',
    analytics: { model: `googleai/${OTHER}` },
    usage: { model: `googleai/${OTHER}`, cost_usd: 0.000375, tier: 'flex' },
  });
  expect(media).not.toHaveProperty('asked_model');

  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  expect(await user.results(media_ids)).toMatchObject([
    { usage: { model: `googleai/${EXAMPLE_GEMINI}`, cached: false, cost_usd: 0.00042 } },
  ]);
  expect(gemini.requests.map(({ model, body }) => [model, body.serviceTier])).toEqual([
    [OTHER, 'flex'],
    [EXAMPLE_GEMINI, undefined],
  ]);
});
