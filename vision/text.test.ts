import { describe, expect, test } from '@jest/globals';
import { boxInOriginal, commonAngle } from './page.ts';
import type { Picture } from './picture.ts';
import { joinRows } from './rows.ts';
import { isSurelyLatin, looksForeign, reconcile } from './second-reading.ts';
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
    expect(region).toMatchObject({ left: 0, top: 0, width: WIDTH, height: HEIGHT });
  });

  test.each([
    [0, 0],
    [20, 3],
    [-20, -3],
  ])('a line that falls by %s pixels in 400 has that direction', (fall, degrees) => {
    const [width, height] = [440, 60];
    const map = new Float32Array(width * height);
    for (let x = 20; x < 420; x++) {
      const middle = height / 2 + ((x - 220) * fall) / 400;
      for (let y = Math.round(middle) - 4; y < middle + 4; y++) map[y * width + x] = 1;
    }
    const [region] = textRegions(map, width, height);
    expect(region?.angle).toBeCloseTo(degrees, 0);
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

test('a wide distance between two Latin letters is a space, and between two others is none', () => {
  const characters = ['', ...'wetflor.', '出', '口'];
  const stepsOf = (text: string, gap: number) =>
    [...text].flatMap((letter) => [letter, ...Array<string>(letter === '>' ? gap : 1).fill('')]);
  const read = (text: string, readsSpaces?: boolean) => {
    const steps = stepsOf(text, 2).filter((step) => step !== '>');
    const rows = steps.map((step) => characters.map((each) => (each === step ? 0.9 : 0)));
    return decode(Float32Array.from(rows.flat()), characters.length, characters, readsSpaces).text;
  };
  expect(read('wet>floor')).toBe('wet floor');
  expect(read('wetfloor')).toBe('wetfloor');
  expect(read('出>口出口')).toBe('出口出口');
  expect(read('wet>.')).toBe('wet.');
  // A network that reads spaces itself gets none added: they tore its words.
  expect(read('wet>floor', true)).toBe('wetfloor');
});

describe('a page', () => {
  const line = (width: number, height: number, angle: number) => ({
    left: 0,
    top: 0,
    width,
    height,
    angle,
    sureness: 1,
  });

  test('is as askew as most of its long lines', () => {
    const lines = [1.2, 1.3, 1.3, 1.4, 9].map((angle) => line(300, 20, angle));
    expect(commonAngle([...lines, line(20, 20, 44)])).toBe(1.3);
  });

  test('on its side is as askew as its lines are from upright', () => {
    expect(commonAngle([88, 88, 88].map((angle) => line(20, 300, angle)))).toBe(-2);
  });

  test('with too few long lines is left as it is', () => {
    expect(commonAngle([line(300, 20, 5), line(300, 20, 5), line(20, 20, 5)])).toBe(0);
  });

  test.each([0, 90, 180, 270, 30])('turned by %s has its boxes where they were', (degrees) => {
    const original = { width: 400, height: 200 };
    const radians = (degrees * Math.PI) / 180;
    const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
    const width = Math.abs(400 * cos) + Math.abs(200 * sin);
    const height = Math.abs(400 * sin) + Math.abs(200 * cos);
    // The middle of a tiny box at (300, 50) in the original.
    const x = 100 * cos + 50 * sin + width / 2;
    const y = 100 * sin - 50 * cos + height / 2;
    const page = {
      picture: { width, height } as Picture,
      lines: [],
      turnedBy: degrees,
      readings: new Map(),
    };
    const box = boxInOriginal({ left: x, top: y, width: 0, height: 0 }, page, original);
    expect(box.left).toBeCloseTo(0.75);
    expect(box.bottom).toBeCloseTo(0.25);
  });
});

describe('what stands beside each other is one row', () => {
  const at = (text: string, left: number, top: number, height = 20) => ({
    text,
    confidence: 1,
    cut: { left, top, width: 100, height },
  });
  const textsOf = (pieces: ReturnType<typeof at>[]) => joinRows(pieces).map(({ text }) => text);

  test('from the left, and rows from the top', () => {
    const pieces = [at('3', 0, 90), at('2', 300, 4), at('1', 0, 0), at('4', 300, 92)];
    expect(textsOf(pieces)).toEqual(['1 2', '3 4']);
  });

  test('also if a row falls by more than half its height from one end to the other', () => {
    const pieces = [at('item', 0, 0), at('x2', 200, 6), at('3.60', 400, 13), at('next', 0, 26)];
    expect(textsOf(pieces)).toEqual(['item x2 3.60', 'next']);
  });

  test('also if two words are so close that their regions overlap', () => {
    expect(textsOf([at('TOTAL', 0, 0), at('PAID', 92, 0), at('18.50', 300, 0)])).toEqual([
      'TOTAL PAID 18.50',
    ]);
    expect(textsOf([at('TOTAL', 0, 0), at('PAID', 60, 4)])).toHaveLength(2);
  });

  test('but not a headline and small print', () => {
    expect(textsOf([at('SALE', 0, 0, 100), at('from Monday', 200, 40)])).toHaveLength(2);
  });
});

describe('of two readings', () => {
  const agree = (first: string, second: string, sure = 0.9) =>
    reconcile({ text: first, confidence: 0.95 }, { text: second, confidence: sure });

  test.each([
    ['has the spaces of the second', 'Nextweek', 'Next week', 'Next week'],
    ['has the sign that only the second saw', '170.45', '£170.45', '£170.45'],
    ['keeps an accent that the second does not know', 'Bäckerei', 'Backerei', 'Bäckerei'],
    ['has the German letter for the Greek one', 'Straβe 5', 'StraBe 5', 'Straße 5'],
  ])('the result %s', (_, first, second, result) => {
    expect(agree(first, second)).toMatchObject({ agreed: true, reading: { text: result } });
  });

  test('an unsure second one does not change letters', () => {
    expect(agree('the key', 'the bey', 0.8).reading.text).toBe('the key');
  });

  test.each([
    ['TOTAL', 'TOTAL F', 'TOTAL'],
    ['TOTAL', '| TOTAL', 'TOTAL'],
    ['Gate A', 'Gate A', 'Gate A'],
    ['GateA', 'Gate A', 'Gate A'],
    ['5.00', '£ 5.00', '£ 5.00'],
    ['P', 'P', 'P'],
  ])(
    'a sign at an end that only the second saw is half a letter of the next word: %s, %s',
    (first, second, result) => {
      expect(agree(first, second).reading.text).toBe(result);
    },
  );

  test.each([
    ['OCTOPOKHO', 'OCTOPOXHO', 0.44],
    ['llve Jlower pot.', 'then again', 0.9],
    ['wuau', '', 0],
  ])('%s and %s (%s) do not agree', (first, second, sure) => {
    expect(agree(first, second, sure).agreed).toBe(false);
  });
});

test.each([
  ['PECTOPAH', true, true],
  ['TAXI', false, false],
  ['CAUTION', false, false],
  ['cTon', true, true],
  ['Alan iPhone', false, false],
  ['non', false, true],
  ['wet floor', false, false],
  ['12.50', false, false],
])('%s may be Cyrillic: %s by itself, %s beside Cyrillic', (text, alone, beside) => {
  expect(looksForeign(text, 'some')).toBe(alone);
  expect(looksForeign(text, 'any')).toBe(beside);
});

test.each([
  ['50FT', 0.996, true],
  ['50FT', 0.94, false],
  // Russian, as a reader of Latin sees it.
  ['OCTOPOKHO', 0.987, false],
  ['CKOnb3KNM', 0.99, false],
  ['24.97', 0.99, false],
  ['出口 EXIT', 0.99, false],
])('%s at %s: the first reader alone says that it is Latin: %s', (text, confidence, isLatin) => {
  expect(isSurelyLatin({ text, confidence })).toBe(isLatin);
});
