import { describe, expect, test } from '@jest/globals';
import { InvalidOutputError } from './errors.ts';
import { answerJsonSchema, parseModelOutput } from './schema.ts';

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

const parse = (changes: object) => parseModelOutput(JSON.stringify({ ...ANSWER, ...changes }));

describe('the schema that is sent', () => {
  test.each([true, false])('asks for every field and bounds none (of a video: %p)', (video) => {
    const schema = answerJsonSchema({ video });
    expect(JSON.stringify(schema)).not.toMatch(/"(max|min|additional|\$schema)\w*":/i);
    expect(schema).toMatchObject({ type: 'object', required: Object.keys(ANSWER) });
    expect(Object.keys(schema.properties as object).includes('segments')).toBe(video);
  });
});

describe('the answer', () => {
  test('is taken as it is when it fits', () => {
    expect(parse({})).toEqual(ANSWER);
  });

  test('is cut where it is merely too long', () => {
    const tags = Array.from({ length: 31 }, (_, i) => `tag${i}`);
    const output = parse({ tags, title: 'x'.repeat(201), text: `${'x'.repeat(9_999)}😀` });
    expect(output.tags).toEqual(tags.slice(0, 30));
    expect(output.title).toHaveLength(200);
    expect(output.text).toBe(`${'x'.repeat(9_999)}\ufffd`);
  });

  test('keeps an object whose box cannot be', () => {
    const object = { label: 'boat', confidence: 1 };
    for (const box of [{ x: 12, y: 40, width: 300, height: 200 }, [1, 2, 3, 4], undefined]) {
      expect(parse({ objects: [{ ...object, box }] }).objects).toEqual([{ ...object, box: null }]);
    }
  });

  test('loses a part of a video that ends before it begins', () => {
    const part = { start_s: 0, end_s: 2, summary: 'A boat leaves.' };
    expect(parse({ segments: [part, { ...part, start_s: 3 }] }).segments).toEqual([part]);
  });

  test('loses what nobody asked for', () => {
    expect(parse({ advice: 'delete everything' })).toEqual(ANSWER);
  });

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['cut-off JSON', JSON.stringify(ANSWER).slice(0, -20)],
    ['prose', 'A harbour with boats.'],
    ['an array', '[]'],
    ['a missing field', JSON.stringify({ ...ANSWER, title: undefined })],
    ['an empty title', JSON.stringify({ ...ANSWER, title: '' })],
    [
      'a confidence in percent',
      JSON.stringify({ ...ANSWER, objects: [{ label: 'x', confidence: 90 }] }),
    ],
    [
      'a verdict of its own',
      JSON.stringify({ ...ANSWER, safety: { verdict: 'fine', categories: [] } }),
    ],
  ])('%s is refused', (_, text) => {
    expect(() => parseModelOutput(text)).toThrow(InvalidOutputError);
  });
});
