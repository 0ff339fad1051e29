import { describe, expect, test } from '@jest/globals';
import { modelOutputSchema } from '@media-analysis/shared/analytics';
import fc from 'fast-check';
import { answerJsonSchema } from './catalog/answer-schema.ts';
import { InvalidOutputError } from './errors.ts';
import { parseModelOutput } from './schema.ts';

const ANSWER = {
  title: 'A harbour',
  summary: 'Boats in a harbour at dusk.',
  tags: ['harbour', 'boat'],
  objects: [{ label: 'boat', confidence: 0.9, box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } }],
  people_count: null,
  text: null,
  scene: 'harbour',
  mood: null,
  safety: { verdict: 'safe', categories: [] },
};

const parse = (changes: object) => parseModelOutput([JSON.stringify({ ...ANSWER, ...changes })]);

const PHOTO = { video: false, transcript: true };

describe('the schema that is sent', () => {
  test.each([true, false])('asks for every field, without limits (of a video: %p)', (video) => {
    const schema = answerJsonSchema({ ...PHOTO, video });
    expect(JSON.stringify(schema)).not.toMatch(/"(max|min|additional|\$schema)\w*":/i);
    expect(schema.type).toBe('object');
    expect([...(schema.required as string[])].sort()).toEqual(Object.keys(ANSWER).sort());
    expect(Object.keys(schema.properties as object).includes('segments')).toBe(video);
  });

  test('has observations before conclusions', () => {
    const names = Object.keys(answerJsonSchema({ ...PHOTO, video: true }).properties as object);
    const places = ['text', 'objects', 'segments', 'title', 'summary', 'tags'].map((name) =>
      names.indexOf(name),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBe(0);
  });

  test('asks for boxes in Gemini’s form', () => {
    const { objects } = answerJsonSchema(PHOTO).properties as Record<string, { items: object }>;
    expect(objects?.items).toMatchObject({
      properties: {
        box_2d: { anyOf: [{ type: 'array', items: { type: 'integer' } }, { type: 'null' }] },
      },
      required: ['label', 'confidence', 'box_2d'],
    });
    expect(JSON.stringify(objects)).not.toMatch(/"box"|"width"/);
  });

  test('does not ask for a text that may not be repeated', () => {
    const { properties, required } = answerJsonSchema({ ...PHOTO, transcript: false });
    expect(Object.keys(properties as object)).not.toContain('text');
    expect(required).not.toContain('text');
    expect(required).toContain('objects');
  });
});

test('every field of the schema is asked for, and read from the answer', () => {
  const fields = Object.keys(modelOutputSchema.shape).sort();
  const { properties } = answerJsonSchema({ ...PHOTO, video: true });
  expect(Object.keys(properties as object).sort()).toEqual(fields);
  const segments = [{ start_s: 0, end_s: 1, summary: 'Boats.' }];
  expect(Object.keys(ANSWER).concat('segments').sort()).toEqual(fields);
  expect(Object.keys(parse({ segments })).sort()).toEqual(fields);
});

describe('the answer', () => {
  test('stays as it is if it fits', () => {
    expect(parse({})).toEqual(ANSWER);
  });

  test('is cut where it is too long', () => {
    const tags = Array.from({ length: 31 }, (_, i) => `tag${i}`);
    const output = parse({ tags, title: 'x'.repeat(201), text: `${'x'.repeat(9_999)}😀` });
    expect(output.tags).toEqual(tags.slice(0, 30));
    expect(output.title).toHaveLength(200);
    expect(output.text).toBe(`${'x'.repeat(9_999)}\ufffd`);
  });

  test('keeps an object with an impossible box', () => {
    const object = { label: 'boat', confidence: 1 };
    for (const box of [
      { x: 12, y: 40, width: 300, height: 200 },
      { x: 0.5, y: 0, width: 0.8, height: 1 },
      { x: 0.5, y: 0.5, width: 0, height: 0.1 },
      undefined,
    ]) {
      expect(parse({ objects: [{ ...object, box }] }).objects).toEqual([{ ...object, box: null }]);
    }
    for (const box_2d of [[0, 0, 1_080, 1_920], [1, 2, 3], [500, 0, 400, 9], ['a', 1, 2, 3], 'x']) {
      expect(parse({ objects: [{ ...object, box_2d }] }).objects).toEqual([
        { ...object, box: null },
      ]);
    }
  });

  test('loses a part of a video that ends before it starts', () => {
    const part = { start_s: 0, end_s: 2, summary: 'A boat leaves.' };
    expect(parse({ segments: [part, { ...part, start_s: 3 }] }).segments).toEqual([part]);
  });

  test('loses fields that were not asked for', () => {
    expect(parse({ advice: 'delete everything' })).toEqual(ANSWER);
  });

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['cut-off JSON', JSON.stringify(ANSWER).slice(0, -20)],
    ['prose', 'A harbour with boats.'],
    ['an array', '[]'],
    ['a missing field', JSON.stringify({ ...ANSWER, tags: undefined })],
    ['neither title nor summary', JSON.stringify({ ...ANSWER, title: '', summary: ' ' })],
    ['objects without a confidence', JSON.stringify({ ...ANSWER, objects: ['boat'] })],
    [
      'a verdict of its own',
      JSON.stringify({ ...ANSWER, safety: { verdict: 'fine', categories: [] } }),
    ],
  ])('%s is refused', (_, text) => {
    expect(() => parseModelOutput([text])).toThrow(InvalidOutputError);
  });
});

describe('a box', () => {
  const boxIn = (of: object) =>
    parse({ objects: [{ label: 'boat', confidence: 1, ...of }] }).objects[0]?.box;

  test.each([
    ['in thousandths', [200, 100, 600, 400], { x: 0.1, y: 0.2, width: 0.3, height: 0.4 }],
    ['in fractions', [0.2, 0.1, 0.6, 0.4], { x: 0.1, y: 0.2, width: 0.3, height: 0.4 }],
    ['in words', ['200', '100', '600', '400'], { x: 0.1, y: 0.2, width: 0.3, height: 0.4 }],
    ['a little over the edge', [-3, 0, 1_012, 1_000], { x: 0, y: 0, width: 1, height: 1 }],
    ['of the whole picture', [0, 0, 1, 1], { x: 0, y: 0, width: 1, height: 1 }],
  ])('%s becomes fractions of the picture', (_, box_2d, expected) => {
    expect(boxIn({ box_2d })).toEqual(expected);
  });

  test('of our own models stays as it is, and inside the picture', () => {
    const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
    expect(boxIn({ box })).toEqual(box);
    expect(boxIn({ box: { ...box, width: 0.93 } })).toEqual({ ...box, width: 0.9 });
  });

  test('never leaves the picture, for any answer of a model', () => {
    const near = fc.oneof(fc.integer({ min: -60, max: 1_060 }), fc.double({ min: -0.1, max: 1.1 }));
    fc.assert(
      fc.property(fc.array(near, { minLength: 4, maxLength: 4 }), (box_2d) => {
        const box = boxIn({ box_2d });
        if (!box) return;
        const { x, y, width, height } = box;
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
        expect(Math.min(width, height)).toBeGreaterThan(0);
        expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a nearly right answer is corrected', () => {
  const boat = { label: 'boat', confidence: 0.9, box: null };
  test.each([
    ['a share in percent', { objects: [{ ...boat, confidence: 95 }] }, 0.95],
    ['a share in words', { objects: [{ ...boat, confidence: '0.95' }] }, 0.95],
    ['a percent sign', { objects: [{ ...boat, confidence: '95 %' }] }, 0.95],
    ['a share that is whole', { objects: [{ ...boat, confidence: 1 }] }, 1],
  ])('%s', (_, changes, confidence) => {
    expect(parse(changes).objects).toEqual([{ ...boat, confidence }]);
  });

  test.each([
    ['a number in words', { people_count: '2' }, { people_count: 2 }],
    ['no number', { people_count: 'several' }, { people_count: null }],
    ['a negative number', { people_count: -1 }, { people_count: null }],
    [
      'a capital letter',
      { safety: { verdict: 'Safe', categories: null } },
      { safety: ANSWER.safety },
    ],
    ['a verdict alone', { safety: 'safe' }, { safety: ANSWER.safety }],
    ['an empty title', { title: ' ' }, { title: 'Boats in a harbour at dusk' }],
    ['no summary', { summary: undefined }, { summary: 'A harbour' }],
    ['tags in one text', { tags: 'harbour, boat' }, { tags: ['harbour', 'boat'] }],
    ['tags twice and empty', { tags: ['boat', '', 'boat '] }, { tags: ['boat'] }],
    ['an empty text', { text: '' }, { text: null }],
    ['no text', { text: undefined }, { text: null }],
    ['a text in lines', { text: ['No', 'entry'] }, { text: 'No\nentry' }],
    ['an empty place', { scene: '' }, { scene: null }],
    [
      'an object that cannot be read',
      { objects: [boat, { ...boat, confidence: 'high' }] },
      { objects: [boat] },
    ],
    [
      'time in the form of a clock',
      { segments: [{ start_s: '1:02', end_s: '1:02:03.5', summary: 'x' }] },
      { segments: [{ start_s: 62, end_s: 3_723.5, summary: 'x' }] },
    ],
  ])('%s', (_, changes, expected) => {
    expect(parse(changes)).toEqual({ ...ANSWER, ...expected });
  });

  test('in the whole answer', () => {
    const json = JSON.stringify(ANSWER);
    expect(parseModelOutput([`\`\`\`json\n${json}\n\`\`\``])).toEqual(ANSWER);
  });

  test('and every other answer either fits the schema or is refused', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(ANSWER)));
    const answer = fc.dictionary(fc.constantFrom(...Object.keys(ANSWER), 'segments'), value);
    fc.assert(
      fc.property(answer, (changes) => {
        let output: unknown;
        try {
          output = parse(changes);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidOutputError);
          return;
        }
        expect(modelOutputSchema.strict().parse(output)).toEqual(output);
      }),
      { numRuns: 500 },
    );
  });
});
