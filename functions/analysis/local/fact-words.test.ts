import { expect, test } from '@jest/globals';
import { english, japanese } from './fact-words.ts';
import { factTags, findingsOf } from './findings.ts';
import { FACTS } from './testing.ts';

test.each([
  [0, 'less than 1 s', '1秒未満'],
  [0.033, 'less than 1 s', '1秒未満'],
  [0.6, '1 s', '1秒'],
  [59.4, '59 s', '59秒'],
  [59.6, '1 min 0 s', '1分0秒'],
  [125, '2 min 5 s', '2分5秒'],
  [3_599.7, '1 h 0 min', '1時間0分'],
  [10_800, '3 h 0 min', '3時間0分'],
  [11_000, '3 h 3 min', '3時間3分'],
])('a video of %d seconds is %s long', (duration_s, inEnglish, inJapanese) => {
  const findings = findingsOf({ ...FACTS, kind: 'video', duration_s, colors: [], quality: null });
  expect(english.kind(findings)).toBe(`A video, 1200 × 800 pixels, ${inEnglish} long.`);
  expect(japanese.kind(findings)).toBe(`動画（1200×800ピクセル、${inJapanese}）。`);
});

test('a picture of one colour is not called blurry: it has nothing that could be sharp', () => {
  const flat = { sharpness: 0, brightness: 0.5, contrast: 0 };
  const quality = { ...flat, exposure: 'balanced', verdict: 'poor' } as const;
  const findings = findingsOf({ ...FACTS, quality });
  expect(english.sentences(findings)[0]).toBe('Mostly sky blue; evenly exposed.');
  expect(japanese.sentences(findings)[0]).toBe('主な色は空色。明るさは適正です。');
  expect(factTags(findings)).toEqual([]);
});
