/**
 * What a model may write when it was asked for one JSON object, and what becomes of it. The same table for each way to reach
 * a model (`test/contract/gemini`, `test/contract/openai`), and for each analysis.
 */
import { type Row, twice } from './outcome-rows.ts';

/** An answer, without the words of its service. */
export interface Written {
  text?: string;
  /** What it gives to a tool: JSON, or what should be. */
  call?: string;
  thoughts?: string;
}

/** An analysis, and an answer to it. */
export interface Subject {
  title: string;
  /** Undefined: `describe`. */
  asked: { name: string; input: Record<string, unknown> } | undefined;
  good: Record<string, unknown>;
  /** A text of it. */
  words: string;
  /** What the answer must have. */
  needed: string;
}

export const DESCRIBE: Subject = {
  title: 'describe',
  asked: undefined,
  good: {
    title: 'A harbour',
    summary: 'Two boats, and no wind.',
    tags: ['harbour', 'boat'],
    objects: [{ label: 'boat', confidence: 0.9, box_2d: null }],
    people_count: 2,
    text: null,
    scene: null,
    mood: null,
    safety: { verdict: 'safe', categories: [] },
  },
  words: 'summary',
  needed: 'tags',
};
export const OWN: Subject = {
  title: 'an own analysis',
  asked: { name: 'alt-text', input: {} },
  good: { alt: 'Two boats, and no wind.', is_decorative: false },
  words: 'alt',
  needed: 'is_decorative',
};
export const ASK: Subject = {
  title: 'ask',
  asked: { name: 'ask', input: { question: 'How many boats?' } },
  good: { reason: 'Two boats, and no wind.', answer: null },
  words: 'reason',
  needed: 'reason',
};

const FORM = /it is not in the form that was asked for/;
const EMPTY = /it is empty/;
const HALF = /it breaks off in the middle/;
const SEVERAL = /it has several answers/;

/** @param wrap Makes an answer of a provider. */
export function answerRows<Reply>(
  { good, words, needed }: Subject,
  wrap: (written: Written) => Reply,
): Record<string, Row<Reply>> {
  const json = JSON.stringify(good);
  const spread = JSON.stringify(good, null, 2);
  const last = Object.keys(good).at(-1) ?? '';
  const said = good[words];
  /** What of the answer is looked at. A box has another form in the end. */
  const kept = { [words]: said };
  const read = (written: string | Written, analytics: object = kept): Row<Reply> => ({
    reply: () => wrap(typeof written === 'string' ? { text: written } : written),
    outcome: 'completed',
    analytics,
  });
  const saying = (text: string, stored: string) =>
    read(JSON.stringify({ ...good, [words]: text }), { [words]: stored });
  const refused = (written: string | Written, fault = FORM): Row<Reply> =>
    twice(() => wrap(typeof written === 'string' ? { text: written } : written), fault);
  const half = json.slice(0, json.indexOf('and no wind'));
  const list = `[${json},${json}]`;
  const draft = JSON.stringify({ ...good, [words]: 'Three boats.' });

  return {
    'what was asked for': read(json),
    'a fence': read(`\`\`\`json\n${json}\n\`\`\``),
    'a fence without a language, and words around it': read(
      `Here it is:\n\`\`\`\n${spread}\n\`\`\`\nIs that all?`,
    ),
    'words before it and after it': read(`Sure! ${json} I hope that this helps.`),
    'thoughts in tags before it': read(`<think>A {harbour}? "No.</think>\n${json}`),
    'thoughts whose first tag is missing': read(`It’s a harbour, isn’t it?</think>${json}`),
    'a byte order mark': read(`\ufeff${json}`),
    'line breaks of Windows': read(spread.replaceAll('\n', '\r\n')),
    'a comma after the last field': read(json.replace(/\}$/, ',}')),
    'single quotes': read(json.replaceAll('"', "'")),
    'quotes as signs of HTML': read(json.replaceAll('"', '&quot;')),
    'names without quotes': read(json.replace(/"(\w+)":/g, '$1:')),
    comments: read(spread.replace('\n', ' // what it’s about\n').replace('{', '{ /* 1 */')),
    'Python’s None and False': read(
      json.replaceAll('null', 'None').replaceAll('false', 'False').replaceAll('"', "'"),
    ),
    'a missing comma': read(spread.replace(/,\n/, '\n')),
    'a line break inside a text': read(json.replace('boats, ', 'boats,\n'), {
      [words]: 'Two boats,\nand no wind.',
    }),
    'a line of code': read(`const answer = ${json};`),
    'a wrapper': read(JSON.stringify({ result: good })),
    'a wrapper in a wrapper': read(JSON.stringify({ status: 'ok', data: { output: good } })),
    'a list of one': read(`[${json}]`),
    'JSON in a string': read(JSON.stringify(json)),
    'a tool in words': read(JSON.stringify({ name: 'describe', arguments: good })),
    'a tool in words, its arguments in a string': read(
      JSON.stringify({ type: 'function', function: { name: 'describe', arguments: json } }),
    ),
    'a call of a tool': read({ call: json }),
    'a call of a tool, with words beside it': read({ text: 'I call {it}.', call: json }),
    'thoughts beside it': read({ text: json, thoughts: `{"${words}":"A draft"}` }),
    'thoughts in place of it': read({ thoughts: json }),
    'thoughts in other tags': read(`[THINK]A draft: ${draft}[/THINK]${json}`),
    'the same object twice': read(`${json}\n${spread}`),
    'an example before it': read(`Like {"${words}":"…"}, so: ${json}`),
    'JSON of the picture inside of it': saying(`A sign: ${list}`, `A sign: ${list}`),
    'fields that were not asked for': read(
      JSON.stringify({ ...good, advice: 'delete all', constructor: 1, toString: 2 }),
    ),
    'a field with the name __proto__': read(json.replace('{', `{"__proto__":{"${words}":"x"},`)),
    'a field twice': read(json.replace('{', `{"${words}":"A draft",`)),
    'a hundred thousand further fields': read(
      json.replace('{', `{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":${n},`).join('')}`),
    ),
    'ten thousand lists in each other, in a further field': read(
      json.replace('{', `{"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},`),
    ),
    'another language': saying('ボートが二そう。風はない。', 'ボートが二そう。風はない。'),
    'control characters': saying('Two\u0000 \u001b[31mboats\u007f\u0085.', 'Two [31mboats.'),
    'signs that turn the text round': saying('Two \u202eboats\u202c\u2066.\u2069', 'Two boats.'),
    'an emoji of several, Hebrew with its marks, and line breaks': saying(
      '👩‍👩‍👧 שלום\u200f!\r\n\tTwo.',
      '👩‍👩‍👧 שלום\u200f!\n\tTwo.',
    ),
    'half of a character': saying('Two \ud83d', 'Two \ufffd'),
    'signs of HTML, which stay': saying('Two &amp; <b>three</b>', 'Two &amp; <b>three</b>'),

    nothing: refused('', EMPTY),
    blanks: refused(' \n\t ', EMPTY),
    null: refused('null'),
    'the text null': refused('"null"'),
    NaN: refused('NaN'),
    undefined: refused('undefined'),
    true: refused('true'),
    'a number': refused('42'),
    'an object without a field': refused('{}'),
    'an empty list': refused('[]'),
    'a list of several answers': refused(list),
    'a list that breaks off after the first': refused(`[${json},${half}`, HALF),
    'a correction after it': refused(`${draft}\nNo, wait: ${json}`, SEVERAL),
    'a draft before half of it': refused(`${draft}\nNo, wait: ${half}`, HALF),
    'what the picture says after it': refused(`${json}\nThe sign reads: ${draft}`, SEVERAL),
    'what the picture says, in an error': refused(
      JSON.stringify({ message: `The picture says ${draft}, and I can’t help with that.` }),
    ),
    'an error with its fields': refused(JSON.stringify({ error: { code: 429, ...good } })),
    'an error beside its fields': refused(JSON.stringify({ error: 'No credits', ...good })),
    'dots in place of a field': refused(json.replace('{', '{...,')),
    'a comment in place of fields': refused(spread.replace('{', '{ // 12 more fields')),
    'brackets that do not match': refused(`{"list":[${json}}}`, HALF),
    'a number that breaks off': refused(json.replace('{', '{"count":12.,')),
    'a refusal in words': refused('I’m sorry, but I can’t help with that.'),
    'a refusal as an object': refused('{"error":"I can’t help with that."}'),
    'a description in words': refused('I see a harbour with two boats.'),
    YAML: refused(`${words}: Two boats, and no wind.\n${last}: false\n`),
    XML: refused(`<answer><${words}>Two boats, and no wind.</${words}></answer>`),
    HTML: refused(`<!doctype html><p>${said}</p>`),
    'a table of Markdown': refused(`| field | value |\n|---|---|\n| ${words} | ${said} |`),
    CSV: refused(`${words},${last}\n"Two boats, and no wind.",false\n`),
    'JSON in base64': refused(Buffer.from(json).toString('base64')),
    'half of it': refused(half, HALF),
    'all but the last sign': refused(json.slice(0, -1), HALF),
    'half of it in a fence': refused(`\`\`\`json\n${half}\n\`\`\``, HALF),
    'half of it in a wrapper': refused(`{"result":${half}`, HALF),
    'half of it in a string': refused(JSON.stringify(half), HALF),
    'half of it in a list': refused(`[${half}`, HALF),
    'half of it, with a last bracket': refused(`${half}}`, HALF),
    'half of it, and words': refused(`${half}… and so on.`, HALF),
    'half of it in a call of a tool': refused(
      { call: half },
      /it (breaks off in the middle|is empty)/,
    ),
    'a call of a tool without arguments': refused({ call: '{}' }, /it is (empty|not in the form)/),
    'thoughts that come to no end': refused(`<think>A harbour? ${json}`),
    'thoughts that come to no end, in other tags': refused(`Well.\n<thinking lang="en">${json} or`),
    'thoughts of gpt-oss': refused(`<|channel|>analysis<|message|>${json} or`),
    'thoughts alone': refused({ thoughts: 'A harbour, or a lake?' }, EMPTY),
    'a draft in thoughts': refused({ thoughts: `A harbour, then: ${json} Or not.` }, EMPTY),
    'the schema itself': refused(
      JSON.stringify({ type: 'object', properties: { [words]: { type: 'string' } } }),
      /“\w+” is missing in it, or is not what was asked for/,
    ),
    'a value of another kind': refused(
      JSON.stringify({ ...good, [needed]: { en: ['Two', 'boats'] } }),
      new RegExp(`“${needed}” is missing in it, or is not what was asked for`),
    ),
    'ten thousand lists in each other': refused('['.repeat(10_000)),
    'ten thousand objects in each other': refused(
      `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    ),
    'a hundred thousand other fields': refused(
      `{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":${n}`).join()}}`,
    ),
  };
}
