import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readAnalyses, staleFiles } from './analyses.ts';
import { AnalysesError, areCurrent, promptFiles } from './analyses-digest.ts';
import { inputTypeOf } from './analysis-schema.ts';

const DESCRIBE = promptFiles().filter(({ file }) => file === 'describe.prompt');
const GOOD = {
  head: ['title: Prices', 'description: Reads prices.'],
  input: ['  schema:', '    language: string'],
  output: ['  schema:', '    price_cents?: integer, Price'],
  template: ['{{role "user"}}', 'Read the prices in {{language}}.'],
};

/** A valid file with other `parts`. */
function file(parts: Partial<typeof GOOD> = {}, name = 'prices.prompt') {
  const { head, input, output, template } = { ...GOOD, ...parts };
  const lines = ['---', ...head, 'input:', ...input, 'output:', ...output, '---', ...template];
  return { file: name, text: lines.join('\n') };
}

async function read(...files: { file: string; text: string }[]) {
  const definitions = await readAnalyses([...DESCRIBE, ...files]);
  return definitions.filter(({ name }) => name !== 'describe');
}

async function mistakeIn(...files: { file: string; text: string }[]): Promise<string> {
  const error = await read(...files).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AnalysesError);
  return (error as AnalysesError).message;
}

test('the generated files are up to date', async () => {
  expect(await staleFiles()).toEqual([]);
});

test('a file that an editor of Windows has saved is read as any other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'analyses-'));
  try {
    writeFileSync(join(folder, 'prices.prompt'), `\uFEFF${file().text.replaceAll('\n', '\r\n')}`);
    expect(promptFiles(folder)).toEqual([file()]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('all that a file says is read', async () => {
  const [prices] = await read(
    file({
      head: [
        ...GOOD.head,
        'model: googleai/gemini-9',
        'config:',
        '  temperature: 0.5',
        'translations:',
        '  ja:',
        '    title: 値段',
      ],
      input: [...GOOD.input, '    shop?: string, Which shop', '    since: string'],
    }),
  );
  expect(prices).toEqual({
    name: 'prices',
    title: 'Prices',
    description: 'Reads prices.',
    translations: { ja: { title: '値段' } },
    model: 'googleai/gemini-9',
    config: { temperature: 0.5 },
    input: {
      shop: { anyOf: [{ type: 'string' }, { type: 'null' }], description: 'Which shop' },
      since: { type: 'string' },
    },
    required: ['since'],
    output: {
      type: 'object',
      properties: {
        price_cents: { anyOf: [{ type: 'integer' }, { type: 'null' }], description: 'Price' },
      },
      required: ['price_cents'],
      additionalProperties: false,
    },
    template: '{{role "user"}}\nRead the prices in {{language}}.',
    partials: {},
    version: expect.stringMatching(/^prices-[0-9a-f]{8}$/),
  });
});

describe('the version', () => {
  const versionOf = async (...files: { file: string; text: string }[]) =>
    (await read(...files))[0]?.version;

  test.each([
    ['the prompt', { template: ['{{role "user"}}', 'Read the prices.'] }],
    ['the answer', { output: ['  schema:', '    cents: integer'] }],
    ['the model', { head: [...GOOD.head, 'model: googleai/gemini-9'] }],
    ['its settings', { head: [...GOOD.head, 'config: { temperature: 0 }'] }],
  ])('is another one with %s', async (_what, parts) => {
    expect(await versionOf(file(parts))).not.toBe(await versionOf(file()));
  });

  test.each(['{{>rules}}', '{{~> rules}}', '{{> "rules"}}', '{{#each media}}{{>rules}}{{/each}}'])(
    'is another one with a file that is included, and only then: %s',
    async (including) => {
      const rules = (text: string) => ({ file: '_rules.prompt', text });
      const with_ = file({ template: [including] });
      expect((await read(with_, rules('a')))[0]?.partials).toEqual({ rules: 'a' });
      expect(await versionOf(with_, rules('a'))).not.toBe(await versionOf(with_, rules('b')));
      expect(await versionOf(file(), rules('a'))).toBe(await versionOf(file(), rules('b')));
    },
  );

  test('stays with another title', async () => {
    const other = file({ head: ['title: What it costs', 'description: Reads it.'] });
    expect(await versionOf(other)).toBe(await versionOf(file()));
  });
});

describe('a mistake is told with its file and line:', () => {
  test.each<[string, Partial<typeof GOOD>, string]>([
    ['no YAML', { head: ['title: [', 'description: x'] }, '3: is no YAML'],
    [
      'an unknown key',
      { head: [...GOOD.head, 'colour: red'] },
      '4: front matter: has a field that is not known: "colour"',
    ],
    [
      'a model without its provider',
      { head: [...GOOD.head, 'model: gemini-9'] },
      '4: model: "gemini-9" is not the name of a model. Name its provider too, such as googleai/gemini-3.5-flash-lite.',
    ],
    [
      'a label of no field',
      { head: [...GOOD.head, 'translations:', '  ja:', '    labels:', '      prise_cents: 値段'] },
      '7: translations.ja.labels.prise_cents: there is no field "prise_cents".',
    ],
    [
      'a list that nobody can give',
      { input: [...GOOD.input, '    tags(array): string'] },
      '7: input.schema.tags: a caller gives',
    ],
    ['no description', { head: ['title: Prices'] }, '1: description: is missing'],
    ['no schema of the input', { input: ['  language: string'] }, '4: input.schema: is missing'],
    [
      'nothing where fields are expected',
      { head: [...GOOD.head, 'config:'] },
      '4: config: must be an object with fields',
    ],
    [
      'a colon in a text',
      { head: ['title: Prices', 'description: Prices: all'] },
      '3: is no YAML: Nested mappings are not allowed in compact mappings. A text with a colon and a space needs quotes.\n',
    ],
    [
      'a tab',
      { head: [...GOOD.head, '\tmodel: a'] },
      '4: is no YAML: Tabs are not allowed as indentation.\n',
    ],
    [
      'an unknown setting',
      { head: [...GOOD.head, 'config:', '  mood: 1'] },
      '5: config: has a field that is not known: "mood"',
    ],
    [
      'an unknown type',
      { output: ['  schema:', '    price: money'] },
      '9: output.schema.price: "money" is no type. The types are string, number, integer, boolean, and in brackets array, object, enum.',
    ],
    [
      'an unknown type in a list',
      {
        output: [
          '  schema:',
          '    rows?(array, bought):',
          '      name: string',
          '      price: money',
        ],
      },
      '11: output.schema.rows.price: "money" is no type. The types are string, number, integer, boolean, and in brackets array, object, enum.',
    ],
    [
      'a choice that is not of texts',
      { output: ['  schema:', '    rows(array):', '      size(enum): [small, 2]'] },
      '10: output.schema.rows.size: "enum" has to be a list of texts, and 2 is none.',
    ],
    [
      'a choice of nothing',
      { output: ['  schema:', '    size(enum): []'] },
      '9: output.schema.size: "enum" has to be a list of texts, such as [small, large].',
    ],
    [
      'a choice that is no list',
      { output: ['  schema:', '    price: string', '    size(enum): small'] },
      '10: output.schema.size: "enum" has to be a list of texts, such as [small, large].',
    ],
    [
      'a list of lists',
      {
        output: [
          '  schema:',
          '    type: object',
          '    properties:',
          '      rows: { type: array, items: { type: array, items: { type: string } } }',
        ],
      },
      '11: output.schema.rows: a list of lists cannot be stored.',
    ],
    [
      'a keyword that not every model knows',
      {
        output: [
          '  schema:',
          '    type: object',
          '    properties:',
          '      price: { type: string, pattern: "[0-9]+" }',
        ],
      },
      '11: output.schema.price: "pattern" cannot be used',
    ],
    [
      'a value that nobody gives',
      { template: ['{{role "user"}}', 'In {{langauge}}'] },
      '12: {{langauge}} is not in input.schema.',
    ],
    [
      'a file that is not there',
      { template: ['{{>rules}}'] },
      '11: {{>rules}}: there is no analyses/_rules.prompt.',
    ],
    ['a block without an end', { template: ['a', 'b', '{{#if language}}'] }, '13: is no template'],
    [
      'braces without an end',
      { template: ['a {{language'] },
      '11: is no template: braces are not closed, or not written as https://google.github.io/dotprompt/reference/template says.\n',
    ],
    [
      'an alias, of which a few lines make gigabytes',
      { head: [...GOOD.head, 'translations: &a { ja: {} }', 'config: *a'] },
      '5: an alias, "*a", cannot be used. Write out what it stands for.\n',
    ],
    [
      'more brackets than a parser follows',
      { head: [...GOOD.head, `config: ${'['.repeat(20_000)}`] },
      '4: is no YAML: Maximum call stack',
    ],
    [
      'a picture from elsewhere',
      { template: ['{{role "user"}}', '{{media url="https://example.com/a.png"}}'] },
      '12: a prompt shows the model the photo or video itself, and no other. Write {{media url=media}}.\n',
    ],
    [
      'a picture that a caller names',
      { template: ['{{media url=language}}'] },
      '11: a prompt shows',
    ],
    ['a picture without its address', { template: ['{{media}}'] }, '11: a prompt shows'],
    [
      'a picture from elsewhere in a block',
      { template: ['{{#with media}}', '{{media url="a.png"}}', '{{/with}}'] },
      '12: a prompt shows',
    ],
    [
      'no prompt',
      { template: ['', ' '] },
      '10: the prompt is missing. Below the front matter stands what the model is asked.',
    ],
  ])('%s', async (_what, parts, message) => {
    expect(`${await mistakeIn(file(parts))}\n`).toContain(`analyses/prices.prompt:${message}`);
  });

  test.each([
    ['Hello\n{{langauge}}', '2: {{langauge}} is not in input.schema.'],
    ['{{#each', '1: is no template'],
    ['{{>nowhere}}', '1: {{>nowhere}}: there is no analyses/_nowhere.prompt.'],
    ['{{#if language}}{{>rules}}{{/if}}', '1: {{>rules}}: it includes itself.'],
  ])('in a file that is included: %j', async (text, message) => {
    const including = file({ template: ['{{>rules}}'] });
    expect(await mistakeIn(including, { file: '_rules.prompt', text })).toContain(
      `analyses/_rules.prompt:${message}`,
    );
  });

  test('no front matter', async () => {
    expect(await mistakeIn({ file: 'a.prompt', text: 'Read it.' })).toBe(
      'analyses/a.prompt:1: has to begin with front matter, between two lines of "---".',
    );
  });

  test('a name that no address can have, or that each object has', async () => {
    expect(await mistakeIn(file({}, 'My Prices.prompt'))).toContain('analyses/My Prices.prompt:1:');
    expect(await mistakeIn(file({}, 'constructor.prompt'))).toContain(
      'analyses/constructor.prompt:1:',
    );
  });

  test('a schema for `describe`', async () => {
    const [describes] = DESCRIBE;
    const text = `${describes?.text}`.replace(
      'input:\n',
      'output:\n  schema:\n    a: string\ninput:\n',
    );
    const error = await readAnalyses([{ file: 'describe.prompt', text }]).catch((e: unknown) => e);
    expect((error as Error).message).toMatch(/^analyses\/describe\.prompt:6: output: the fields/);
  });

  test('no `describe`', async () => {
    const error = await readAnalyses([file()]).catch((e: unknown) => e);
    expect((error as Error).message).toContain('analyses/describe.prompt: is missing');
  });

  test.each(['__proto__.prompt', '_My rules.prompt', '_.prompt'])(
    'a partial that nobody could include: %s',
    async (name) => {
      expect(await mistakeIn({ file: name, text: 'Hello' })).toBe(
        `analyses/${name}:1: the name of the file: small letters, digits and hyphens, at most 32.`,
      );
    },
  );

  test.each(['prices.prompt', '_rules.prompt'])('two megabytes of text: %s', async (name) => {
    const text = file({ template: ['x'.repeat(2_000_000)] }).text;
    expect(await mistakeIn({ file: name, text })).toMatch(
      new RegExp(
        `^analyses/${name}:1: has 2,000,\\d+ bytes, and at most 65,536 can be: .* Shorten it\\.$`,
      ),
    );
  });

  test('more than twenty', async () => {
    const many = Array.from({ length: 20 }, (_, n) => file({}, `a${n}.prompt`));
    expect(await mistakeIn(...many)).toBe(
      'analyses/: 21 analyses, and at most 20 can be. Remove some.',
    );
  });

  test('every one of a file, in the order of its lines', async () => {
    const text = file({
      head: ['title: Prices', 'model: gemini-9', 'colour: red'],
      template: ['{{a}}', '{{>b}}', '{{#if c}}{{media url=d}}{{/if}}'],
    }).text;
    const lines = (await mistakeIn({ file: 'prices.prompt', text })).split('\n');
    expect(lines.map((line) => line.split(':', 3).slice(1).join(':'))).toEqual([
      '1: description',
      '3: model',
      '4: front matter',
      '12: {{a}} is not in input.schema.',
      '13: {{>b}}',
      '14: {{c}} is not in input.schema.',
      expect.stringMatching(/^14: a prompt shows/),
    ]);
  });

  test('every one of the template, also if the front matter is no YAML', async () => {
    const text = file({ head: ['title: ['], template: ['{{>b}}', '{{>c}}'] }).text;
    const message = await mistakeIn({ file: 'prices.prompt', text });
    for (const each of [': is no YAML: ', ':10: {{>b}}: ', ':11: {{>c}}: ']) {
      expect(message).toContain(each);
    }
  });

  test('every one of the schemas and of the template', async () => {
    const message = await mistakeIn(
      file({
        input: ['  schema:', '    tags(array): string', '    word: text'],
        output: [
          '  schema:',
          '    price: money',
          '    rows(array):',
          '      a: nothing',
          '      b: string',
          '      c: nothing',
        ],
        template: ['{{a}}', '{{b}}'],
      }),
    );
    const lines = message.split('\n').map((line) => line.replace(/: "?\w+"? is no type.*/, ''));
    expect(lines).toEqual(
      [
        '7: input.schema.word',
        '10: output.schema.price',
        '12: output.schema.rows.a',
        '14: output.schema.rows.c',
      ].map((each) => `analyses/prices.prompt:${each}`),
    );
  });

  test('every one, not only the first', async () => {
    const message = await mistakeIn(
      file({ template: ['{{a}}'] }),
      file({ template: ['{{b}}'] }, 'more.prompt'),
    );
    expect(message.split('\n')).toHaveLength(2);
  });
});

test('the types for the client say what a caller gives: what may be left out, and never null', async () => {
  const input = [
    '  schema:',
    '    language: string',
    '    word: string, A word',
    '    most?: integer',
  ];
  const [prices] = await read(file({ input, template: [...GOOD.template, '{{word}} {{most}}'] }));
  expect(inputTypeOf(prices?.input ?? {}, prices?.required ?? [])).toBe(
    '{\n  /** A word */\n  word: string;\n  /** most */\n  most?: number;\n}',
  );
  expect(inputTypeOf({}, [])).toBe('Record<string, never>');
});

test('generated files are not current once a file of analyses/ is changed, added or removed', () => {
  const [first = { file: '', text: '' }, ...others] = promptFiles();
  expect(areCurrent([first, ...others])).toBe(true);
  expect(areCurrent([{ ...first, text: `${first.text}!` }, ...others])).toBe(false);
  expect(areCurrent([first, { ...first, file: 'another.prompt' }, ...others])).toBe(false);
  expect(areCurrent(others)).toBe(false);
});
