import { describe, expect, test } from '@jest/globals';
import { modelOutputSchema } from '@media-analysis/shared/analytics';
import type { MediaFacts } from '../../inspect/facts.ts';
import { createAnalyzer } from '../index.ts';
import { localLanguage } from './language.ts';
import { answerTo, describeFacts } from './models.ts';

const LAKE: MediaFacts = {
  kind: 'image',
  format: 'jpeg',
  width: 3840,
  height: 2160,
  animated: false,
  duration_s: null,
  capture: { taken_at: '2019-04-14T16:02:11', camera: 'Apple iPhone 6' },
  colors: [
    { hex: '#7fa7da', share: 0.4 },
    { hex: '#3c4040', share: 0.3 },
    { hex: '#16244f', share: 0.2 },
  ],
  quality: {
    sharpness: 0.9,
    brightness: 0.46,
    contrast: 0.4,
    exposure: 'balanced',
    verdict: 'good',
  },
};
const VIDEO: MediaFacts = {
  ...LAKE,
  kind: 'video',
  format: 'mp4',
  width: 90,
  height: 160,
  animated: true,
  duration_s: 65.4,
  colors: [],
  quality: null,
};

describe('the built-in analysis', () => {
  test('gives the measured facts, and says that the content was not analysed', () => {
    expect(describeFacts(LAKE, 'lake.jpg', 'en')).toMatchObject({
      title: 'Photo from 14 April 2019',
      summary:
        'A photo, 3840 × 2160 pixels. Taken on 14 April 2019 with an Apple iPhone 6. Its content was not examined.',
      tags: [],
    });
  });

  test('is in Japanese if Japanese is requested', () => {
    const { title, summary } = describeFacts(LAKE, 'lake.jpg', 'ja-JP');
    expect(title).toBe('2019年4月14日の写真');
    expect(summary).toBe(
      '写真（3840×2160ピクセル）。2019年4月14日にApple iPhone 6で撮影。内容は解析していません。',
    );
  });

  test('of a video gives only the facts of its container', () => {
    expect(describeFacts(VIDEO, 'lake.mp4', 'en').summary).toBe(
      'A video, 90 × 160 pixels, 1 min 5 s long. Recorded on 14 April 2019 with an Apple iPhone 6. Its content was not examined.',
    );
    expect(describeFacts(VIDEO, 'lake.mp4', 'ja').summary).toContain('（90×160ピクセル、1分5秒）');
    expect(describeFacts(VIDEO, 'lake.mp4', 'en').tags).toEqual([]);
  });

  test.each([
    ['en', LAKE],
    ['ja', VIDEO],
    ['en', { ...LAKE, width: 9, height: 9, animated: true, colors: [], quality: null }],
  ])('never states what it did not measure (%s)', (language, facts) => {
    const output = describeFacts(facts, 'lake.jpg', language);
    expect(modelOutputSchema.parse(output)).toEqual(output);
    expect(output).toMatchObject({
      objects: [],
      people_count: null,
      text: null,
      scene: null,
      mood: null,
      safety: { verdict: 'unknown', categories: [] },
    });
  });

  test('has bad light and bad focus as tags, and not in its words', () => {
    const quality = { ...LAKE.quality, sharpness: 0.1, exposure: 'dark', verdict: 'poor' };
    const facts = { ...LAKE, grayscale: true, quality } as MediaFacts;
    const { tags, summary } = describeFacts(facts, 'lake.jpg', 'en');
    expect(tags).toEqual(['black and white', 'blurry', 'dark']);
    expect(summary).toBe(describeFacts(LAKE, 'lake.jpg', 'en').summary);
    expect(describeFacts({ ...facts, grayscale: false }, 'lake.jpg', 'en').tags).toEqual([
      'blurry',
      'dark',
    ]);
  });

  test.each([
    ['en-GB', 'en'],
    ['JA', 'ja'],
    ['fr', 'en'],
    ['constructor', 'en'],
  ])('asked for %s it answers in %s', (wanted, spoken) => {
    expect(localLanguage(wanted)).toBe(spoken);
  });
});

test('uses the same flow as any model: valid analytics, no cost, its own language', async () => {
  const analyzer = createAnalyzer({ model: 'local/facts' });
  const progress: number[] = [];
  const { analytics, usage } = await analyzer.analyze(
    { facts: LAKE, contentType: 'image/jpeg', preview: null, fileName: 'lake.jpg', language: 'fr' },
    {
      signal: new AbortController().signal,
      deadline: Number.POSITIVE_INFINITY,
      onProgress: (fraction) => progress.push(fraction),
    },
  );
  expect(analytics).toMatchObject({
    title: 'Photo from 14 April 2019',
    model: 'local/facts',
    prompt_version: analyzer.promptVersion,
    language: 'en',
    width: 3840,
    height: 2160,
    orientation: 'landscape',
    colors: LAKE.colors,
  });
  expect(usage).toMatchObject({ cost_usd: 0, attempts: 1, input_tokens: 0, cached: false });
  expect(progress).toEqual([...progress].sort());
  expect(progress.length).toBeGreaterThan(0);
});

test('a file is titled by its name where no more is known, and its alternative text is not the name', async () => {
  const capture = { taken_at: null, camera: null };
  const input = {
    facts: { ...LAKE, capture },
    contentType: 'image/jpeg',
    preview: null,
    fileName: 'IMG_3036.JPG',
    language: 'en',
  };
  const options = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };
  const analyzer = createAnalyzer({ model: 'local/vision' });
  const { analytics } = await analyzer.analyze(input, options);
  expect(analytics.title).toBe('IMG_3036.JPG');
  const { output } = await analyzer.answer({ name: 'alt-text', input: {} }, input, options);
  expect(output).toMatchObject({ alt: 'Photo' });
});

test.each([
  [{ text: 'EXIT' }, 'Photo from 14 April 2019. Possibly shows a door.'],
  [{}, 'Photo from 14 April 2019'],
])('the alternative text has what was seen: %j', (seen, alt) => {
  const summary = 'Possibly shows a door. Taken on 14 April 2019.';
  const described = { ...describeFacts(LAKE, 'lake.jpg', 'en'), summary, ...seen };
  expect(answerTo('alt-text', described)).toMatchObject({ alt });
});
