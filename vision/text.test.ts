import { describe, expect, test } from '@jest/globals';
import { inReadingOrder } from './text.ts';
import { decode } from './text-network.ts';
import { textRegions } from './text-regions.ts';

describe('regions of text', () => {
  const WIDTH = 60;
  const HEIGHT = 40;
  function mapWith(
    ...blocks: [left: number, top: number, right: number, bottom: number, p: number][]
  ) {
    const map = new Float32Array(WIDTH * HEIGHT);
    for (const [left, top, right, bottom, probability] of blocks) {
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) map[y * WIDTH + x] = probability;
      }
    }
    return map;
  }

  test('each block is a region that is larger than its core', () => {
    const regions = textRegions(mapWith([5, 5, 45, 10, 0.9], [5, 25, 25, 30, 0.8]), WIDTH, HEIGHT);
    expect(regions).toHaveLength(2);
    // 200 pixels of text with a perimeter of 90.
    const offset = (200 * 1.6) / 90;
    expect(regions[0]?.left).toBeCloseTo(5 - offset);
    expect(regions[0]?.height).toBeCloseTo(5 + 2 * offset);
  });

  test('thin and faint blocks are no regions', () => {
    const noise = mapWith([2, 2, 50, 5, 0.9], [2, 20, 50, 30, 0.5]);
    expect(textRegions(noise, WIDTH, HEIGHT)).toEqual([]);
  });

  test('a region at the edge stays within the picture', () => {
    const [region] = textRegions(mapWith([0, 0, WIDTH, HEIGHT, 1]), WIDTH, HEIGHT);
    expect(region).toEqual({ left: 0, top: 0, width: WIDTH, height: HEIGHT });
  });
});

test('repeated steps are one letter unless a blank is between them', () => {
  const steps = [0, 1, 1, 0, 1, 2].map((best) =>
    [0, 1, 2].map((each) => (each === best ? 0.8 : 0.1)),
  );
  const { text, confidence } = decode(Float32Array.from(steps.flat()), 3, ['', 'o', 'k']);
  expect(text).toBe('ook');
  expect(confidence).toBeCloseTo(0.8);
  expect(decode(new Float32Array(9), 3, ['', 'o', 'k'])).toEqual({ text: '', confidence: 0 });
});

test('lines are read row by row, each from the left', () => {
  const at = (text: string, left: number, top: number) => ({
    ...{ text, score: 1, box: { left, top, right: left + 0.2, bottom: top + 0.1 } },
  });
  const lines = [at('3', 0, 0.5), at('2', 0.5, 0.02), at('1', 0, 0.04), at('4', 0.3, 0.52)];
  expect(inReadingOrder(lines).map(({ text }) => text)).toEqual(['1', '2', '3', '4']);
});
