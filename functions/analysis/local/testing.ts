/** For tests: facts, and detections like those of the networks. */
import type { Detections } from '@media-analysis/vision/protocol';
import type { MediaFacts } from '../../inspect/facts.ts';

export const FACTS: MediaFacts = {
  kind: 'image',
  format: 'jpeg',
  width: 1200,
  height: 800,
  animated: false,
  duration_s: null,
  capture: { taken_at: '2019-04-14T16:02:11', camera: 'Apple iPhone 6' },
  colors: [{ hex: '#88bae4', share: 0.9 }],
  quality: {
    sharpness: 0.9,
    brightness: 0.5,
    contrast: 0.4,
    exposure: 'balanced',
    verdict: 'good',
  },
};

const BOX = { left: 0.25, top: 0.5, right: 0.75, bottom: 1 };

export const object = (label: string, score: number) => ({ label, score, box: BOX });
export const face = (score = 0.9) => ({ score, box: BOX });
/** A line of text that fills `height` of the picture's height. */
export const line = (text: string, height = 0.02) => ({
  text,
  score: 0.95,
  box: { left: 0, top: 0.1, right: 1, bottom: 0.1 + height },
});

export const code = (format: string, text: string) => ({ format, text, score: 1, box: BOX });

export function detections(patch: Partial<Detections> = {}): Detections {
  return { objects: [], faces: [], text: [], unread: null, codes: [], ...patch };
}
