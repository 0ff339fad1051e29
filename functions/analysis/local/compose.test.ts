import { describe, expect, test } from '@jest/globals';
import { modelOutputSchema } from '@media-analysis/shared/analytics';
import { labelIn } from '@media-analysis/shared/labels';
import { type Detections, MAX_OBJECTS } from '@media-analysis/vision/protocol';
import { describeDetections } from './compose.ts';
import { factTags } from './fact-tags.ts';
import * as factWords from './fact-words.ts';
import { KINDS } from './kinds.ts';
import { code, detections, FACTS, face, line, object } from './testing.ts';
import * as words from './vision-words.ts';

const inEnglish = (patch: Partial<Detections>) =>
  describeDetections(FACTS, 'lake.jpg', detections(patch), factWords.english, words.english);
const inJapanese = (patch: Partial<Detections>) =>
  describeDetections(FACTS, 'lake.jpg', detections(patch), factWords.japanese, words.japanese);

const SMALL = { left: 0.5, top: 0.5, right: 0.55, bottom: 0.6 };
const PART = { left: 0.2, top: 0.2, right: 0.5, bottom: 0.6 };

const person = (score: number) => object('person', score);
const times = <T>(count: number, value: T) => Array<T>(count).fill(value);
const LOOK = 'Taken on 14 April 2019 with an Apple iPhone 6.';
const DAY = 'Photo from 14 April 2019';

describe('the description', () => {
  test.each([
    ['A cat', 'Shows a cat.', { objects: [object('cat', 0.5)] }],
    [DAY, 'Possibly shows a dog.', { objects: [object('dog', 0.49)] }],
    [
      '2 people and an apple',
      'Shows 2 people and an apple (perhaps 2), possibly also a pair of scissors.',
      {
        objects: [
          object('apple', 0.9),
          ...times(2, person(0.7)),
          object('apple', 0.4),
          object('scissors', 0.4),
        ],
      },
    ],
    [DAY, 'Shows 3 people.', { faces: times(3, face()), objects: [person(0.4)] }],
    ['“EXIT”', 'Text reads “EXIT”.', { text: [line('EXIT')] }],
    [
      'A bus',
      'Shows a bus. Text reads “26 / Town”.',
      { objects: [object('bus', 0.8)], text: [line('26'), line('Town')] },
    ],
    [
      '“Chapter 1 / Call me / so they / did.”',
      'A page, sign or screenshot with text. Text reads “Chapter 1 / Call me / so they / did.”.',
      { text: ['Chapter 1', 'Call me', 'so they', 'did.'].map((text) => line(text, 0.04)) },
    ],
    [
      '“So / we / go / on”',
      'Text reads “So / we / go / on”.',
      { text: ['So', 'we', 'go', 'on'].map((word) => line(word, 0.02)) },
    ],
    [
      '“手打ちそば処やぶ”',
      'Possibly shows a potted plant. Text reads “手打ちそば処やぶ”.',
      { objects: [object('potted plant', 0.4)], text: [line('手打ちそば処やぶ')] },
    ],
    [
      '“Home / Inbox / Sent / Drafts / Spam / Bin”',
      'A page, sign or screenshot with text. Text reads “Home / Inbox / Sent / Drafts / Spam / Bin”.',
      {
        objects: [object('cat', 0.4)],
        text: ['Home', 'Inbox', 'Sent', 'Drafts', 'Spam', 'Bin'].map((text) => line(text, 0.01)),
      },
    ],
    [
      `“${times(11, 'Inbox').join(' / ').slice(0, 59)}…”`,
      `A page, sign or screenshot with text. Shows a cat. Text reads “${times(20, 'Inbox').join(' / ').slice(0, 119)}…”.`,
      { objects: [object('cat', 0.6)], text: times(20, line('Inbox', 0.01)) },
    ],
    [DAY, 'Possibly shows a person and a vase.', { objects: [object('vase', 0.45), person(0.4)] }],
    [
      'A QR code: “https://example.org/menu”',
      'A QR code says “https://example.org/menu”.',
      { codes: [code('QRCode', 'https://example.org/menu')] },
    ],
    [
      'A book',
      'Shows a book. A barcode says “4006381333931”.',
      { objects: [object('book', 0.6)], codes: [code('EAN13', '4006381333931')] },
    ],
    [DAY, 'There is Cyrillic writing, which could not be read.', { unread: 'Cyrillic' as const }],
    [DAY, 'There is writing that could not be read.', { unread: 'unknown' as const }],
    [DAY, 'Nothing in it was identified.', { text: [line('5 3 7'), line('6 1')] }],
  ])('%s: %s', (title, said, found) => {
    const output = inEnglish(found);
    const isNothing = said.startsWith('Nothing');
    expect(output).toMatchObject({
      title,
      summary: isNothing ? `${LOOK} ${said}` : `${said} ${LOOK}`,
    });
    expect(modelOutputSchema.parse(output)).toEqual(output);
  });

  test.each([
    ['a small thing', [{ ...object('boat', 0.9), box: SMALL }]],
    ['a thing that is hardly sure, and not large', [{ ...object('chair', 0.5), box: PART }]],
    ['an animal that is hardly sure', [object('zebra', 0.55)]],
  ])('has %s in its summary, and not as its title', (_, objects) => {
    const { title, summary } = inEnglish({ objects });
    expect(title).toBe(DAY);
    expect(summary).toMatch(/^Shows a /);
  });

  test('takes a face without any body for that of a dog', () => {
    const { title, tags, objects } = inEnglish({ faces: [face()] });
    expect({ title, tags, objects }).toEqual({ title: DAY, tags: [], objects: [] });
    expect(inJapanese({ faces: [face()] }).title).toBe('2019年4月14日の写真');
  });

  const TILL = ['CORNER SHOP', 'Tea £2.00', 'TOTAL £2.00', 'CASH £5.00', 'CHANGE £3.00'];

  test('calls a receipt a receipt, and names the shop', () => {
    const text = TILL.map((row) => line(row));
    expect(inEnglish({ text })).toMatchObject({
      title: 'Receipt from CORNER SHOP',
      summary: expect.stringMatching(/^Receipt from CORNER SHOP. Text reads/),
      tags: expect.arrayContaining(['receipt', 'text']),
    });
    expect(inJapanese({ text }).title).toBe('CORNER SHOPのレシート');
    expect(inEnglish({ text: text.slice(1) }).title).toBe('Receipt');
    expect(inJapanese({ text: text.slice(1) }).title).toBe('レシート');
  });

  test.each([
    ['whose rows add up to a total', ['CAFE', 'Tea £2.00', 'Cake £3.00', 'TOTAL £5.00']],
    ['that says only what was paid', ['CAFE', 'EXIT 12:56', 'TOTAL PAID £5.00']],
  ])('calls one a receipt %s', (_, rows) => {
    const text = rows.map((row) => line(row));
    expect(inEnglish({ text }).title).toBe('Receipt from CAFE');
  });

  test.each([
    ['a price list', ['Tea £2.00', 'Cake £3.00']],
    ['an invoice', ['Invoice 7', 'Subtotal £2.00', 'Total £2.40']],
    ['a page of code', ['const total = 5;', 'the total is 5.00', 'Subtotal']],
  ])('does not call %s a receipt', (_, rows) => {
    const { title, tags } = inEnglish({ text: rows.map((row) => line(row)) });
    expect(title).not.toMatch(/receipt/i);
    expect(tags).not.toContain('receipt');
  });

  test('begins with the picture, and says last that nothing was recognised', () => {
    const { title, summary } = inEnglish({});
    expect(title).toBe(DAY);
    expect(summary).toBe(`${LOOK} Nothing in it was identified.`);
    expect(inJapanese({}).summary).toMatch(/。認識できるものは見つかりませんでした。$/);
  });

  test('uses counters in Japanese', () => {
    const objects = [object('dog', 0.9), object('dog', 0.4), object('cup', 0.4)];
    const output = inJapanese({ objects, text: [line('出口')] });
    expect(output.title).toBe('犬1匹');
    expect(output.summary).toBe(
      '犬1匹（もしかすると2匹）が写っています。カップ1個も写っているかもしれません。書かれている文字は「出口」。2019年4月14日にApple iPhone 6で撮影。',
    );
    expect(output.tags).toContain('dog');
    expect(inJapanese({ text: [line('駅前の喫茶店'), line('営業中')] }).title).toBe(
      '「駅前の喫茶店、営業中」',
    );
  });

  test('has the whole text in its own field, and a short quotation in the summary', () => {
    const { title, summary, text } = inEnglish({ text: [line('x'.repeat(500)), line('end')] });
    expect(text).toBe(`${'x'.repeat(500)}\nend`);
    expect(title).toBe(`“${'x'.repeat(59)}…”`);
    expect(summary).toContain(`“${'x'.repeat(119)}…”`);
  });
});

describe('the description does not contain', () => {
  test('that there is nothing, if the detection failed', () => {
    const output = inEnglish({ objects: null, text: null });
    expect(output.summary).toBe(
      `What it shows could not be looked at this time. Text could not be looked for this time. ${LOOK}`,
    );
    expect(output).toMatchObject({ objects: [], text: null, people_count: null });
  });

  test.each([{}, { objects: times(5, person(0.9)), faces: [face()], text: [line('SAFE')] }])(
    'scene, mood and safety, for any detections',
    (found) => {
      const safety = { verdict: 'unknown', categories: [] };
      expect(inEnglish(found)).toMatchObject({ scene: null, mood: null, safety });
    },
  );

  test('tags for objects that are only possible', () => {
    const { tags, objects } = inEnglish({ objects: [object('cat', 0.49)] });
    expect(tags).toEqual([]);
    expect(objects).toEqual([
      { label: 'cat', confidence: 0.49, box: { x: 0.25, y: 0.5, width: 0.5, height: 0.5 } },
    ]);
  });
});

test('the text has what the codes say below what is written', () => {
  const { text, tags, objects } = inEnglish({
    text: [line('Scan for the menu')],
    codes: [code('QRCode', 'https://example.org/menu')],
  });
  expect(text).toBe('Scan for the menu\nhttps://example.org/menu');
  expect(tags).toEqual(['text', 'qr code']);
  expect(objects).toMatchObject([{ label: 'qr code', confidence: 1 }]);
});

test('tags are stable keys: objects first, then measured facts', () => {
  const found = {
    objects: [person(0.9), object('orange', 0.6), object('tv', 0.8)],
    faces: [face()],
    text: [line('ON AIR')],
  };
  for (const { tags } of [inEnglish(found), inJapanese(found)]) {
    expect(tags).toEqual(['person', 'orange', 'tv', 'food', 'electronics', 'face', 'text']);
  }
});

const PLAIN = { brightness: 0.9, contrast: 0.1, verdict: 'fair' } as const;

test('a page is not tagged with the white of its paper, a photo is', () => {
  const quality = { ...PLAIN, sharpness: 0.1, exposure: 'bright' } as const;
  const facts = { ...FACTS, colors: [{ hex: '#fafafa', share: 1 }], grayscale: true, quality };
  const tagsOf = (text: Detections['text']) =>
    describeDetections(facts, 'lake.jpg', detections({ text }), factWords.english, words.english)
      .tags;
  expect(tagsOf(times(12, line('Inbox', 0.01)))).toEqual(['document', 'text', 'blurry']);
  expect(tagsOf([])).toEqual(['black and white', 'blurry', 'bright']);
});

test('writing that cannot be read is text too', () => {
  expect(inEnglish({ unread: 'Thai' }).tags).toEqual(['text']);
  expect(inEnglish({ unread: 'unknown' }).tags).toEqual(['text']);
});

describe('people are counted', () => {
  test.each([
    ['by bodies', 2, { objects: times(2, person(0.6)) }],
    ['by faces', 2, { faces: times(2, face()), objects: [person(0.4)] }],
    ['not by faces without any body: a dog has one too', null, { faces: times(2, face()) }],
    ['by whichever shows more', 3, { objects: [person(0.9)], faces: times(3, face()) }],
    [
      'with likely bodies confirmed by faces',
      2,
      { objects: times(2, person(0.4)), faces: times(2, face()) },
    ],
    ['not if one is not sure', null, { objects: [person(0.9), person(0.4)] }],
    ['not from a guess', null, { objects: [person(0.4)] }],
    ['not as none: a person far away is not detected', null, { objects: [object('car', 0.9)] }],
    ['not if the list is full', null, { objects: times(MAX_OBJECTS, person(0.9)) }],
    ['by faces if the objects could not be detected', 1, { objects: null, faces: [face()] }],
  ])('%s', (_, count, found) => {
    expect(inEnglish(found).people_count).toBe(count);
  });
});

test('each tag and label that this model can give has a name in Japanese', () => {
  const { tags, objects } = inEnglish({
    objects: KINDS.slice(0, MAX_OBJECTS).map(({ key }) => object(key, 0.9)),
    faces: [face()],
    text: times(20, line('Inbox', 0.01)),
    codes: [code('QRCode', 'a'), code('EAN13', '1')],
  });
  const quality = { ...FACTS.quality, sharpness: 0.1, exposure: 'dark' } as const;
  const facts = { ...FACTS, animated: true, grayscale: true, quality };
  const all = [
    ...tags,
    ...objects.map(({ label }) => label),
    ...KINDS.flatMap(({ key, group }) => [key, group ?? key]),
    ...factTags(facts as typeof FACTS),
    'bright',
  ];
  expect(
    all.filter(
      (label) =>
        !/\p{Script=Han}|\p{Script=Katakana}|\p{Script=Hiragana}/u.test(labelIn('ja', label)),
    ),
  ).toEqual([]);
});
