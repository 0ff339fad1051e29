import { describe, expect, test } from '@jest/globals';
import { modelOutputSchema } from '@media-analysis/shared/analytics';
import type { Detections } from '@media-analysis/vision/protocol';
import type { MediaFacts } from '../../inspect/facts.ts';
import * as factWords from './fact-words.ts';
import { describeFrames, type SeenFrame } from './frames.ts';
import { detections, FACTS, face, line, object } from './testing.ts';
import * as words from './vision-words.ts';

const VIDEO: MediaFacts = { ...FACTS, kind: 'video', duration_s: 20, colors: [], quality: null };
const BLUE = [{ hex: '#88bae4', share: 0.9 }];
const GREEN = [{ hex: '#2f6b2f', share: 0.8 }];

const at = (time_s: number, patch: Partial<Detections>, colors = BLUE): SeenFrame => ({
  time_s,
  colors,
  detections: detections(patch),
});
const dog = (score = 0.8) => object('dog', score);
const inEnglish = (...seen: SeenFrame[]) =>
  describeFrames(VIDEO, 'walk.mp4', seen, factWords.english, words.english);

describe('a video is described by its frames', () => {
  const walk = [
    at(1, { objects: [dog()] }),
    at(8, { objects: [dog(), dog(0.6)] }),
    at(15, { objects: [object('car', 0.9)], text: [line('EXIT')] }),
  ];

  test('by all that is seen in them, and not by how often', () => {
    const output = inEnglish(...walk);
    expect(modelOutputSchema.parse(output)).toMatchObject({
      title: '2 dogs and a car',
      summary:
        'Shows 2 dogs and a car. Text reads “EXIT”. Based on 3 frames of the video. Recorded on 14 April 2019 with an Apple iPhone 6.',
      tags: ['dog', 'car', 'animal', 'vehicle', 'text'],
      text: 'EXIT',
    });
    // Things move, so a box in one frame is not a box in the video.
    expect(output.objects).toEqual([
      { label: 'dog', confidence: 0.8, box: null },
      { label: 'dog', confidence: 0.6, box: null },
      { label: 'car', confidence: 0.9, box: null },
    ]);
  });

  test('in parts that begin where other things are seen', () => {
    expect(inEnglish(...walk).segments).toEqual([
      { start_s: 0, end_s: 15, summary: '2 dogs' },
      { start_s: 15, end_s: 20, summary: 'A car' },
    ]);
  });

  test('in parts that begin where the colours are others, if anything is recognised', () => {
    const maybe = at(12, { objects: [dog(0.4)] }, GREEN);
    expect(inEnglish(at(1, {}), at(8, {}), maybe).segments).toEqual([
      { start_s: 0, end_s: 12, summary: 'Nothing in it was identified.' },
      { start_s: 12, end_s: 20, summary: 'Possibly shows a dog.' },
    ]);
    expect(inEnglish(at(1, {}), at(12, {}, GREEN)).segments).toBe(null);
  });

  test('in no parts, if nothing changes', () => {
    const shade = [{ hex: '#80b0dd', share: 0.7 }];
    expect(
      inEnglish(at(1, { objects: [dog()] }), at(8, { objects: [dog()] }, shade)).segments,
    ).toBe(null);
  });

  test('by its day, if nothing is recognised', () => {
    expect(inEnglish(at(1, {}), at(8, {}, GREEN)).title).toBe('Video from 14 April 2019');
  });

  test('with as many people as are visible at once, and none if a frame may show more', () => {
    const people = (count: number, score = 0.9) =>
      Array.from({ length: count }, () => object('person', score));
    const two = at(1, { objects: people(2), faces: [face()] });
    expect(inEnglish(two, at(2, { objects: people(1) })).people_count).toBe(2);
    const maybeThree = at(3, { objects: [...people(2), ...people(1, 0.4)] });
    expect(inEnglish(two, maybeThree).people_count).toBe(null);
    expect(inEnglish(at(1, {})).people_count).toBe(null);
  });

  test('once for text that stays, and in Japanese', () => {
    const sign = { text: [line('駅前'), line('喫茶店')] };
    const output = describeFrames(
      VIDEO,
      'walk.mp4',
      [at(1, sign), at(2, sign)],
      factWords.japanese,
      words.japanese,
    );
    expect(output.text).toBe('駅前\n喫茶店');
    expect(output.summary).toMatch(/動画から2コマを抜き出して解析しました。/);
  });

  test('says what could not be looked at', () => {
    const failed = inEnglish(at(1, { objects: null, faces: null, text: null }));
    expect(failed.summary).toMatch(/could not be looked at this time.*could not be looked for/);
  });
});
