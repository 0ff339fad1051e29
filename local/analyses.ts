/**
 * Reads the analyses that operators define, `analyses/NAME.prompt` in the format of https://google.github.io/dotprompt, and
 * writes `functions/analysis/catalog/analyses.gen.ts` and `shared/analyses.gen.ts` for the units and the client. So the units parse
 * nothing when they start, and a mistake in a file is found before anything runs.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AnalysisDefinition } from '@media-analysis/functions/analysis/catalog/analyses';
import { EXAMPLE_GEMINI, isModelName } from '@media-analysis/functions/analysis/catalog/model-name';
import { issueMessage } from '@media-analysis/functions/process/issue-messages';
import { picoschema } from 'dotprompt';
import Handlebars from 'handlebars';
import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml';
import { z } from 'zod';
import {
  AnalysesError,
  GENERATED,
  headOf,
  type PromptFile,
  promptFiles,
} from './analyses-digest.ts';
import {
  inputTypeOf,
  type JsonSchema,
  normalSchema,
  SchemaError,
  typeOf,
} from './analysis-schema.ts';

/** Its answer is a field of the media, `analytics`, whose schema is part of the code. */
const DESCRIBE = 'describe';

const TYPES =
  'The types are string, number, integer, boolean, and in brackets array, object, enum.';

/** The service fills these in, and the caller gives the rest. `transcript` and `brief` are for `describe`. */
const FILLED_IN = new Set(['language', 'video', 'transcript', 'brief']);

/** A media carries a result for each analysis, and Firestore accepts documents of at most 1 MiB. */
const MAX_ANALYSES = 20;

/** Each model call pays for the words of its prompt. Ours have at most 6 kB. */
const MAX_BYTES = 65_536;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** A mistake in one file. `line` counts from 1. */
class Mistake extends Error {
  readonly line: number;
  /** The included file with the mistake; undefined: the file itself. */
  readonly file: string | undefined;

  constructor(line: number, message: string, file?: string) {
    super(message);
    this.line = line;
    this.file = file;
  }
}

const words = z.string().trim().min(1).max(200);

const configSchema = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.number().int().positive().optional(),
  maxOutputTokens: z.number().int().positive().optional(),
});

const frontMatterSchema = z.strictObject({
  title: words.optional(),
  description: words,
  model: words
    .refine(isModelName, {
      error: ({ input }) =>
        `"${input}" is not the name of a model. Name its provider too, such as googleai/${EXAMPLE_GEMINI}.`,
    })
    .optional(),
  config: configSchema.optional(),
  input: z.strictObject({ schema: z.unknown() }),
  output: z.strictObject({ format: z.literal('json').optional(), schema: z.unknown() }).optional(),
  translations: z
    .record(
      z.string(),
      z.strictObject({
        title: words.optional(),
        description: words.optional(),
        labels: z.record(z.string(), words).optional(),
      }),
    )
    .optional(),
});

const withSchema = z.object({ schema: z.unknown() }).optional().catch(undefined);
const schemasOf = z.object({ input: withSchema, output: withSchema }).catch({});

/**
 * Reads all files of a folder. `_NAME.prompt` is a partial, which the others include by `{{>NAME}}`.
 * @throws {AnalysesError} with every mistake in every file
 */
export async function readAnalyses(
  files: readonly PromptFile[] = promptFiles(),
): Promise<AnalysisDefinition[]> {
  const partials = Object.fromEntries(
    files
      .filter(({ file }) => file.startsWith('_'))
      .map(({ file, text }) => [file.slice(1, -'.prompt'.length), text]),
  );
  const mistakes: string[] = [];
  const definitions: AnalysisDefinition[] = [];
  for (const { file, text } of files) {
    const found = mistakesOfFile(file, text);
    try {
      if (found.length === 0 && !file.startsWith('_')) {
        const name = file.slice(0, -'.prompt'.length);
        const definition = await readAnalysis(name, text, partials, found);
        if (definition) definitions.push(definition);
      }
    } catch (error) {
      // For example, a parser gives up because of deep nesting.
      found.push(new Mistake(1, `cannot be read: ${(error as Error).message}`));
    }
    found.sort((one, other) => one.line - other.line);
    mistakes.push(
      ...found.map((each) => `analyses/${each.file ?? file}:${each.line}: ${each.message}`),
    );
  }
  if (!files.some(({ file }) => file === `${DESCRIBE}.prompt`)) {
    mistakes.push(
      `analyses/${DESCRIBE}.prompt: is missing. It makes what the page shows of a photo.`,
    );
  }
  const count = files.filter(({ file }) => !file.startsWith('_')).length;
  if (count > MAX_ANALYSES) {
    mistakes.push(`analyses/: ${count} analyses, and at most ${MAX_ANALYSES} can be. Remove some.`);
  }
  // A mistake in a file that several include is reported once.
  if (mistakes.length > 0) throw new AnalysesError([...new Set(mistakes)].join('\n'));
  return definitions;
}

/**
 * Writes the generated files if the analyses have changed.
 * @returns true if it wrote something
 * @throws {AnalysesError}
 */
export async function writeAnalyses(): Promise<boolean> {
  const files = await generate();
  const changed = files.filter(([path, content]) => presentText(path) !== content);
  for (const [path, content] of changed) writeFileSync(path, content);
  return changed.length > 0;
}

/** The generated files that do not match `analyses/`, relative to the project. @throws {AnalysesError} */
export async function staleFiles(): Promise<string[]> {
  const files = await generate();
  return files.filter(([path, content]) => presentText(path) !== content).map(([path]) => path);
}

function presentText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function generate(): Promise<[path: string, text: string][]> {
  const prompts = promptFiles();
  const definitions = await readAnalyses(prompts);
  const head = headOf(prompts);
  const types = definitions.flatMap(({ name, description, output }) =>
    output
      ? [
          `  /** ${description.replaceAll('*/', '')} */\n`,
          `  ${JSON.stringify(name)}: ${typeOf(output, '  ')};\n`,
        ]
      : [],
  );
  const inputs = definitions.map(
    ({ name, description, input, required }) =>
      `  /** ${description.replaceAll('*/', '')} */\n  ${JSON.stringify(name)}: ${inputTypeOf(input, required, '  ')};\n`,
  );
  return [
    [
      GENERATED.definitions,
      `${head}import type { AnalysisDefinition } from './analysis-definition.ts';\n\nexport const DEFINITIONS: readonly AnalysisDefinition[] = ${JSON.stringify(definitions, null, 2)};\n`,
    ],
    [
      GENERATED.types,
      `${head}\n/** What each analysis answers, by its name. */\nexport interface AnalysisOutputs {\n${types.join('')}}\n\n/** What each analysis needs to know from who asks for it, by its name. */\nexport interface AnalysisInputs {\n${inputs.join('')}}\n`,
    ],
  ];
}

/** Checks that need no parser. */
function mistakesOfFile(file: string, text: string): Mistake[] {
  const found: Mistake[] = [];
  const name = file.slice(0, -'.prompt'.length).replace(/^_/, '');
  if (!NAME.test(name)) {
    found.push(
      new Mistake(1, 'the name of the file: small letters, digits and hyphens, at most 32.'),
    );
  } else if (name in {}) {
    found.push(new Mistake(1, `the name of the file: "${name}" is taken. Choose another.`));
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    const [has, most] = [bytes, MAX_BYTES].map((number) => number.toLocaleString('en'));
    const why = `has ${has} bytes, and at most ${most} can be: each call pays for its words. Shorten it.`;
    found.push(new Mistake(1, why));
  }
  return found;
}

/** @param found receives each mistake @returns undefined if there are any */
async function readAnalysis(
  name: string,
  source: string,
  partials: Record<string, string>,
  found: Mistake[],
): Promise<AnalysisDefinition | undefined> {
  const report = (line: number, message: string) => void found.push(new Mistake(line, message));
  const match = /^---\n([\s\S]*?\n)---[ \t]*(?:\n|$)/.exec(source);
  if (!match) {
    report(1, 'has to begin with front matter, between two lines of "---".');
    return undefined;
  }
  const [all, yaml = ''] = match;
  const template = source.slice(all.length);
  const firstLine = all.split('\n').length - (all.endsWith('\n') ? 0 : 1);
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  for (const error of document.errors) {
    const [{ line } = { line: 1 }] = error.linePos ?? [];
    report(line + 1, `is no YAML: ${yamlMistake(error)}`);
  }
  // Aliases of aliases make gigabytes out of a few lines.
  visit(document, {
    Alias(_key, { source, range }) {
      const { line } = lines.linePos(range?.[0] ?? 0);
      report(line + 1, `an alias, "*${source}", cannot be used. Write out what it stands for.`);
    },
  });
  if (found.length > 0) {
    checkTemplate({ template, firstLine, known: ANY, partials, found });
    return undefined;
  }
  const lineOf = (path: readonly PropertyKey[]) => lineOfPath(document, lines, path);
  const reportAt = (path: readonly string[], message: string) =>
    report(lineOf(path), `${path.join('.')}: ${message}`);
  const front: unknown = document.toJS() ?? {};
  const parsed = frontMatterSchema.safeParse(front, { error: issueMessage });
  for (const issue of parsed.error?.issues ?? []) {
    const { path } = issue;
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    report(lineOf([...path, ...keys]), `${path.join('.') || 'front matter'}: ${issue.message}`);
  }
  if (template.trim() === '') {
    report(
      firstLine - 1,
      'the prompt is missing. Below the front matter stands what the model is asked.',
    );
  }
  const schemaAt = async (path: 'input' | 'output', schema: unknown, isLoose: boolean) => {
    const read = async (part: unknown) => normalSchema(await picoschema(part), { isLoose });
    try {
      return await read(schema);
    } catch (error) {
      for (const [where, refused] of await refusedFields(schema, error, read)) {
        const message = refused.message
          .replace(/^Picoschema: /, '')
          .replace(/^unsupported scalar type '(.*)'\.$/, `"$1" is no type. ${TYPES}`);
        reportAt([path, 'schema', ...where], message);
      }
      return undefined;
    }
  };
  // Parses a file with other mistakes too, so that all are reported at once.
  const { input, output } = schemasOf.parse(front);
  const asked = input && (await schemaAt('input', input.schema, true));
  const answer = output && (await schemaAt('output', output.schema, false));
  const known = asked ? new Set(Object.keys(asked.properties ?? {})) : ANY;
  checkTemplate({ template, firstLine, known, partials, found });
  if (!parsed.success) return undefined;
  const { title = name, description, model, config, translations } = parsed.data;
  if ((name === DESCRIBE) === (output !== undefined)) {
    report(
      lineOf(['output']),
      name === DESCRIBE
        ? 'output: the fields of "describe" are those of `analytics`, in shared/analytics.ts. For other fields, make another file.'
        : 'output: a schema is missing. It says what the answer has.',
    );
  }
  const own = Object.entries(asked?.properties ?? {}).filter(([key]) => !FILLED_IN.has(key));
  for (const [key, schema] of own) {
    if (/^(array|object)$/.test(`${(schema.anyOf?.[0] ?? schema).type}`)) {
      reportAt(['input', 'schema', key], 'a caller gives texts, numbers and truth values only.');
    }
  }
  const fields = new Set([...fieldPaths(answer), ...fieldPaths(asked)]);
  const isAnswerKnown = asked !== undefined && (answer !== undefined || output === undefined);
  for (const [language, { labels = {} }] of Object.entries(translations ?? {})) {
    for (const label of isAnswerKnown ? Object.keys(labels) : []) {
      if (fields.has(label)) continue;
      reportAt(['translations', language, 'labels', label], `there is no field "${label}".`);
    }
  }
  if (found.length > 0) return undefined;
  const included = usedPartials(template, partials);
  const version = versionOf([template, included, answer ?? null, model ?? null, config ?? null]);
  return {
    name,
    title,
    description,
    ...(translations && { translations }),
    ...(model !== undefined && { model }),
    ...(config && { config }),
    input: Object.fromEntries(own),
    required: own.map(([key]) => key).filter((key) => asked?.required?.includes(key)),
    output: answer ?? null,
    template,
    partials: included,
    version: `${name}-${version}`,
  };
}

/** Without the parser's line: it counts from the line below the first "---". */
function yamlMistake({ code, message }: YAMLParseError): string {
  const [what = ''] = message.split(/ at line \d|\n/, 1);
  return code === 'BLOCK_AS_IMPLICIT_KEY'
    ? `${what}. A text with a colon and a space needs quotes.`
    : `${what}.`;
}

/** The names of all fields, such as `items` and `items.name`. */
function fieldPaths(schema: JsonSchema | undefined): string[] {
  const plain = schema?.anyOf?.[0] ?? schema;
  if (plain?.items) return fieldPaths(plain.items);
  return Object.entries(plain?.properties ?? {}).flatMap(([name, member]) => [
    name,
    ...fieldPaths(member).map((inner) => `${name}.${inner}`),
  ]);
}

/** Hashes what the model is asked, without titles: a new title or translation does not make earlier results out of date. */
function versionOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

/** The line of the deepest part of `path` that exists. The front matter begins on line 2. */
function lineOfPath(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let line = 1;
  for (const part of path) {
    const pair = pairOf(node, String(part));
    // Picoschema has no line for the items of a list.
    if (!pair && part === 'items') continue;
    if (!pair) break;
    if (isScalar(pair.key) && pair.key.range) line = lines.linePos(pair.key.range[0]).line + 1;
    node = pair.value;
  }
  return line;
}

/** The fields of JSON Schema are below `properties`. */
function pairOf(node: unknown, name: string): Pair | undefined {
  if (!isMap(node)) return undefined;
  const named = (key: string) =>
    node.items.find((item) => isScalar(item.key) && nameIn(String(item.key.value)) === key);
  return named(nameIn(name)) ?? pairOf(named('properties')?.value, name);
}

/** Each field that is refused, with its path: Picoschema reports only the first, without its place. */
async function refusedFields(
  schema: unknown,
  error: unknown,
  read: (schema: unknown) => Promise<unknown>,
): Promise<[path: string[], error: Error][]> {
  const refused: [string[], Error][] = [];
  // A schema in plain JSON Schema is parsed as a whole.
  const isWhole = typeof schema !== 'object' || schema === null || 'type' in schema;
  for (const [key, field] of isWhole || Array.isArray(schema) ? [] : Object.entries(schema)) {
    const why = await read({ [key]: field }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    if (why === undefined) continue;
    const inner = await refusedFields(field, undefined, read);
    if (inner.length === 0)
      refused.push([why instanceof SchemaError ? [...why.path] : [nameIn(key)], why]);
    for (const [path, thrown] of inner) refused.push([[nameIn(key), ...path], thrown]);
  }
  if (refused.length > 0 || error === undefined) return refused;
  return [[error instanceof SchemaError ? [...error.path] : [], error as Error]];
}

/** A key of Picoschema may be more than a name: `items?(array, what was bought)`. */
const nameIn = (key: string) => key.replace(/[?(].*$/, '');

/** https://google.github.io/dotprompt/reference/template, without the helpers that need more than one message from a caller. */
const HELPERS = new Set([
  'role',
  'media',
  'json',
  'if',
  'unless',
  'each',
  'with',
  'ifEquals',
  'unlessEquals',
]);

/** The picture or video, for a prompt that says where it stands: `{{media url=media}}`. */
const MEDIA = 'media';

/** The names that a template may use: the fields of its input, or any name where these are not known. */
type Names = ReadonlySet<string> | typeof ANY;
const ANY = 'any';

interface Template {
  template: string;
  /** The first line of the template in its file. */
  firstLine: number;
  known: Names;
  partials: Record<string, string>;
  /** Receives each mistake. */
  found: Mistake[];
  /** For a partial: its name, after the names of the templates that include it. */
  including?: readonly string[];
}

function checkTemplate(checked: Template): void {
  const { template, firstLine, known, partials, found, including = [] } = checked;
  const file = including.length > 0 ? `_${including.at(-1)}.prompt` : undefined;
  const program = parseTemplate(template, firstLine, found, file);
  const visitNode = (node: unknown, names: Names): void => {
    if (Array.isArray(node)) {
      for (const each of node) visitNode(each, names);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, loc, ...rest } = node as hbs.AST.Node & Record<string, unknown>;
    const line = firstLine + (loc?.start.line ?? 1) - 1;
    const report = (message: string) => void found.push(new Mistake(line, message, file));
    if (type === 'PartialStatement') {
      const name = String((rest.name as { original?: string }).original);
      const partial = Object.hasOwn(partials, name) ? partials[name] : undefined;
      if (partial === undefined) {
        report(`{{>${name}}}: there is no analyses/_${name}.prompt.`);
      } else if (including.includes(name)) {
        report(`{{>${name}}}: it includes itself.`);
      } else {
        const within = { template: partial, firstLine: 1, including: [...including, name] };
        checkTemplate({ ...checked, ...within, known: names });
      }
    }
    if (type === 'MustacheStatement' && isHelper(rest.path, [MEDIA]) && !isOwnMedia(rest)) {
      report(
        'a prompt shows the model the photo or video itself, and no other. Write {{media url=media}}.',
      );
      return;
    }
    if (type === 'PathExpression') {
      const { original, parts, data } = rest as unknown as hbs.AST.PathExpression;
      const [first = ''] = parts.map(String);
      const isKnown = data || names === ANY || names.has(first) || first === MEDIA || first === '';
      if (!isKnown && !HELPERS.has(original)) report(`{{${original}}} is not in input.schema.`);
    }
    // In a loop, names refer to its items.
    const isLoop = type === 'BlockStatement' && isHelper(rest.path, ['each', 'with']);
    for (const [key, value] of Object.entries(rest)) {
      if (type === 'PartialStatement' && key === 'name') continue;
      visitNode(value, isLoop && (key === 'program' || key === 'inverse') ? ANY : names);
    }
  };
  visitNode(program?.body, known);
}

/** True for `{{media url=media}}`. Any other address would be ignored silently. */
function isOwnMedia({ params, hash }: Record<string, unknown>): boolean {
  const { pairs = [] } = (hash ?? {}) as Partial<hbs.AST.Hash>;
  const [url, ...others] = pairs;
  const isPlain = Array.isArray(params) && params.length === 0 && others.length === 0;
  return isPlain && url?.key === 'url' && isHelper(url.value, [MEDIA]);
}

function isHelper(path: unknown, names: readonly string[]): boolean {
  return names.includes(String((path as { original?: string } | undefined)?.original));
}

function parseTemplate(
  template: string,
  firstLine: number,
  found: Mistake[],
  file?: string,
): hbs.AST.Program | undefined {
  try {
    return Handlebars.parse(template);
  } catch (error) {
    const { message } = error as Error;
    const line = Number(/line (\d+)/.exec(message)?.[1] ?? 1);
    // The parser's list of tokens does not help a reader.
    const why = message.includes('Expecting ')
      ? 'braces are not closed, or not written as https://google.github.io/dotprompt/reference/template says.'
      : message.split('\n').at(-1);
    found.push(new Mistake(firstLine + line - 1, `is no template: ${why}`, file));
    return undefined;
  }
}

/** The partials that a template includes, anywhere and in any spelling. */
function partialNames(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(partialNames);
  if (typeof node !== 'object' || node === null) return [];
  const { type, name, loc, ...rest } = node as hbs.AST.PartialStatement & Record<string, unknown>;
  const own = type === 'PartialStatement' ? [String((name as { original?: string }).original)] : [];
  return [...own, ...Object.values(rest).flatMap(partialNames)];
}

function usedPartials(
  template: string,
  partials: Record<string, string>,
  found: Record<string, string> = {},
): Record<string, string> {
  for (const name of partialNames(Handlebars.parse(template))) {
    const partial = partials[name];
    if (partial === undefined || Object.hasOwn(found, name)) continue;
    found[name] = partial;
    usedPartials(partial, partials, found);
  }
  return found;
}
