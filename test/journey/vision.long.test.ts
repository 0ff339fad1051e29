/** What people get who have neither key nor network: photographs, signs, Japanese, and a worker that is killed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Analytics } from '@media-analysis/shared/analytics';
import { unitCommand } from '../../local/base/units.ts';
import { frame, sendClip } from '../support/frames.ts';
import { isRunning } from '../support/is-running.ts';
import { needing } from '../support/needing.ts';
import { client, eventually, file, form, type Stack, startStack } from '../support/stack.ts';
import { childrenOf } from '../support/started.ts';

/** The worker runs from the sources: this model is not deployed. */
function startWithVision(): Promise<Stack> {
  return startStack({
    environment: { ANALYSIS_MODEL: 'local/vision' },
    service: (unit, options) => {
      if (unit !== 'worker') return options;
      const command = unitCommand(unit, undefined);
      return { ...options, program: { ...options.program, command } };
    },
  });
}

async function analyse(
  stack: Stack,
  names: string[],
  language: string,
): Promise<(Analytics | null)[]> {
  const user = client(stack);
  const body = form(await Promise.all(names.map(file)), { language });
  const response = await user.call('/api/agent/analyze-media', { method: 'POST', body });
  const { media_ids } = (await response.json()) as { media_ids: string[] };
  return (await user.results(media_ids)).map((media) => media?.analytics ?? null);
}

const it = needing('ps');

let stack: Stack;
beforeAll(async () => {
  stack = await startWithVision();
});
afterAll(() => stack.close());

/** NaN, which no signal can be sent to, where there is no such process. */
const workerPid = () => stack.units.worker.pid ?? Number.NaN;
const visionPids = () =>
  childrenOf(workerPid())
    .filter(({ command }) => command.includes('vision/child'))
    .map(({ pid }) => pid);

test('a video gets what is seen in the frames that came with it, and the times at which that changes', async () => {
  const names = ['18-cat-exif-orientation6.jpg', '05-dogs.jpg'];
  const jpegs = await Promise.all(names.map((name) => frame(name)));
  const user = client(stack);
  const id = await sendClip(user, { times: [0.5, 1.5], jpegs });
  const [media] = await user.results([id]);
  expect(media).toMatchObject({
    status: 'completed',
    analytics: {
      model: 'local/vision',
      notes: ['from_frames'],
      tags: ['cat', 'animal'],
      segments: [
        { start_s: 0, end_s: 1.5, summary: 'A cat' },
        { start_s: 1.5, summary: expect.stringMatching(/^Possibly shows a dog/) },
      ],
    },
    usage: { cost_usd: 0 },
  });
});

test('photos get what is to be seen, as surely as it was seen, and nothing else', async () => {
  const names = ['01-astronaut.png', '18-cat-exif-orientation6.jpg', '05-dogs.jpg', '08-lake.jpg'];
  const [astronaut, cat, dogs, lake] = await analyse(stack, [...names, '23-drawn-sign.jpg'], 'en');

  expect(astronaut).toMatchObject({ title: 'A person', people_count: 1, language: 'en' });
  expect(astronaut?.tags).toEqual(expect.arrayContaining(['person', 'face']));

  // Stored on its side: only who turns it upright finds the cat where it is.
  expect(cat).toMatchObject({ title: 'A cat', people_count: null, text: null, width: 451 });
  expect(cat?.tags.slice(0, 2)).toEqual(['cat', 'animal']);
  const box = cat?.objects[0]?.box;
  expect(box && box.width > 0.4 && box.x + box.width <= 1.001).toBe(true);

  expect(dogs?.summary).toMatch(/^Possibly shows a dog\./);
  expect(dogs?.tags).not.toContain('dog');

  expect(lake).toMatchObject({
    title: '08-lake.jpg',
    summary: 'Nothing in it was identified.',
  });
  for (const each of [astronaut, cat, dogs, lake]) {
    expect(each).toMatchObject({ scene: null, mood: null, safety: { verdict: 'unknown' } });
  }
});

test('signs are read, Japanese ones too', async () => {
  const [sign] = await analyse(stack, ['23-drawn-sign.jpg'], 'en');
  expect(sign?.text?.split('\n')).toEqual(['NO', 'PARKING', '8 AM to 6 PM', 'Residents excepted']);
  const [cafe] = await analyse(stack, ['20-synthetic-japanese-sign.jpg'], 'ja');
  expect(cafe?.text).toBe('駅前の喫茶店\n営業時間10時から20時まで\nコーヒー450円');
  expect(cafe?.summary).toContain('書かれている文字は');
});

it('one process looks at all of them, and does not outlive a worker that was killed', async () => {
  const [only = Number.NaN, ...others] = visionPids();
  expect([isRunning(only), others]).toEqual([true, []]);
  process.kill(workerPid(), 'SIGKILL');
  await eventually(async () => !isRunning(only) || undefined);
  const [cat] = await analyse(stack, ['02-cat.png'], 'en');
  expect(cat).toMatchObject({ title: 'A cat' });
});
