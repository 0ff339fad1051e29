/** A server of the user's own, such as Ollama, describes photos: from the upload to the receipt, through the whole product. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { STRICT } from '../../local/front/modes.ts';
import { type RunningChat, startChat } from '../support/chat-server.ts';
import { client, file, mediaOf, type Stack, startStack } from '../support/stack.ts';

const MODEL = 'openai/qwen2.5vl:7b';

let chat: RunningChat;
let stack: Stack;
beforeAll(async () => {
  chat = await startChat({ dialect: 'ollama', models: ['qwen2.5vl:7b'] });
  stack = await startStack({
    mode: STRICT,
    environment: {
      ANALYSIS_MODEL: MODEL,
      OPENAI_BASE_URL: `${chat.url}/`,
      // What costs nothing is not limited.
      MAX_USD_PER_DAY: '0.0001',
    },
  });
});
afterEach(() => chat.reset());
afterAll(async () => {
  await stack.close();
  await chat.close();
});

test('a photo is described, with progress, by the model that is named on its receipt', async () => {
  const user = client(stack);
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  const seen = mediaOf(await user.watch(media_ids));
  expect(seen.at(-1)).toMatchObject({
    status: 'completed',
    analytics: { title: 'harbour', model: MODEL },
    usage: { model: MODEL, input_tokens: 400, output_tokens: 120, cost_usd: 0, attempts: 1 },
  });
  expect(chat.calls).toHaveLength(1);
  // What leaves is the preview, and nothing that says whose it is.
  expect(chat.calls[0]?.text).toMatch(/data:image\/jpeg;base64,/);
  expect(chat.calls[0]?.text).not.toMatch(/02-cat/);
  expect(chat.calls[0]?.authorization).toBeUndefined();
});

test('a photo waits for a server that is busy, and goes on by itself', async () => {
  chat.enqueue({ status: 503, body: { error: { message: 'loading model' } } });
  const user = client(stack);
  const { media_ids } = await user.analyze([await file('08-lake.jpg')]);
  const [media] = (await user.results(media_ids)) as Media[];
  expect(media).toMatchObject({ status: 'completed', usage: { attempts: 2, cost_usd: 0 } });
});

test('a video is stored, and a person reads why it is not described', async () => {
  const user = client(stack);
  const { media_ids } = await user.analyze([await file('../videos/clip.mp4')]);
  const [media] = (await user.results(media_ids)) as Media[];
  expect(media).toMatchObject({
    status: 'failed',
    error_code: 'video_without_frames',
    error_message: expect.stringMatching(/is stored, but .* pictures and not at videos/),
  });
  expect(media?.url).not.toBeNull();
  expect(chat.calls).toEqual([]);
});
