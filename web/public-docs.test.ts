/**
 * The docs of the two packages, read as an editor reads them: by the compiler's own language
 * service. Each public name and each of its fields has a doc; each example in a doc compiles.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  API,
  type Checker,
  type Symbol as NamedSymbol,
  type Project,
  SignatureKind,
  SymbolFlags,
  type Type,
  type TypeReference,
} from 'typescript/unstable/sync';

const WEB = import.meta.dirname;
const ROOT = join(WEB, '..');
const DOORS = ['client', 'react'];
const CONFIG = join(WEB, 'tsconfig.examples.json');
const SURROUNDINGS = join(WEB, 'examples.d.ts');

/** Files that exist for the compiler only. */
const files = new Map([
  [
    CONFIG,
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: {
        noUnusedLocals: false,
        paths: { '@media-analysis/*': ['./src/*/index.ts', '../shared/*.ts'] },
      },
      files: ['examples.d.ts', ...DOORS.map((door) => `src/${door}/index.ts`)],
      include: [],
    }),
  ],
  [
    SURROUNDINGS,
    // What an example may use without saying where it comes from.
    `
    declare const client: import('@media-analysis/client').MediaClient;
    declare const library: import('@media-analysis/client').LibraryClient;
    declare const reanalyses: import('@media-analysis/client').ReanalysisClient;
    declare const media: import('@media-analysis/client').Media;
    declare const files: File[];
    declare const id: string;
    declare const ids: string[];
    declare const signal: AbortSignal;
    declare const auth: { currentUser: { getIdToken(refresh: boolean): Promise<string> } | null };
    declare function show(...what: unknown[]): void;`,
  ],
]);

interface PublicName {
  name: string;
  doc: string;
  /** Functions, hooks, components and the client's methods: what a program calls or draws. */
  needsExample: boolean;
  examples: string[];
}

let api: API;
let names: PublicName[];

beforeAll(() => {
  api = new API({
    cwd: WEB,
    fs: {
      readFile: (path) => files.get(path),
      fileExists: (path) => files.has(path) || undefined,
    },
  });
  names = [...publicNames(projectOf(CONFIG))];
});
afterAll(() => api.close());

function projectOf(config: string): Project {
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  if (!project) throw new Error(`${config} cannot be read`);
  return project;
}

function* publicNames({ program, checker }: Project): Generator<PublicName> {
  const seen = new Set<number>();
  for (const door of DOORS) {
    const file = program.getSourceFile(join(WEB, `src/${door}/index.ts`));
    const exported = file && checker.getSymbolAtLocation(file);
    if (!exported) throw new Error(`The door ${door} cannot be read.`);
    for (const alias of checker.getExportsOfModule(exported)) {
      const symbol = alias.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias;
      const isValue = (symbol.flags & SymbolFlags.Value) !== 0;
      yield describe(`${door}: ${alias.name}`, symbol, isValue, checker);
      const types = [
        isValue && checker.getTypeOfSymbol(symbol),
        symbol.flags & SymbolFlags.Type && checker.getDeclaredTypeOfSymbol(symbol),
      ];
      for (const type of types) {
        if (type) yield* fieldsOf(`${door}: ${alias.name}`, type, checker, seen);
      }
    }
  }
}

/** The fields of a type, and of the types of its fields, parameters and results: those that are ours. */
function* fieldsOf(
  owner: string,
  type: Type,
  checker: Checker,
  seen: Set<number>,
): Generator<PublicName> {
  if (seen.has(type.id)) return;
  seen.add(type.id);
  if (type.isUnionType() || type.isIntersectionType()) {
    for (const part of type.getTypes() ?? []) yield* fieldsOf(owner, part, checker, seen);
    return;
  }
  if (!type.isObjectType()) return;
  for (const part of [
    ...(type.isTypeReference() ? checker.getTypeArguments(type as TypeReference) : []),
    ...checker
      .getSignaturesOfType(type, SignatureKind.Call)
      .flatMap((signature) => [
        ...signature.getParameters().map((each) => checker.getTypeOfSymbol(each)),
        checker.getReturnTypeOfSignature(signature),
      ]),
  ]) {
    if (part) yield* fieldsOf(owner, part, checker, seen);
  }
  for (const field of checker.getPropertiesOfType(type)) {
    if (!field.declarations.some(isOurs) || field.declarations.some(isText)) continue;
    const fieldType = checker.getTypeOfSymbol(field);
    const name = `${owner}.${field.name}`;
    const isCall = /^(Media|Reanalysis)Client$/.test(field.getParent()?.name ?? '');
    yield describe(name, field, isCall, checker);
    if (fieldType) yield* fieldsOf(name, fieldType, checker, seen);
  }
}

/** The English text says what it is for. */
const isText = ({ path }: { path?: string | undefined }) => path?.includes('/components/words/');

const isOurs = ({ path }: { path?: string | undefined }) =>
  path?.startsWith(ROOT) && !path.includes('node_modules');

function describe(
  name: string,
  symbol: NamedSymbol,
  needsExample: boolean,
  checker: Checker,
): PublicName {
  const examples = symbol
    .getJsDocTags(checker)
    .filter((tag) => tag.name === 'example')
    .map(({ text = '' }) => /```tsx?\n([\s\S]*?)```/.exec(text)?.[1] ?? text)
    .filter((code) => code.trim() !== '');
  return { name, doc: symbol.getDocumentationComment(checker), needsExample, examples };
}

test('each public name, each option and each field has a doc', () => {
  expect(names.length).toBeGreaterThan(200);
  expect(names.filter(({ doc }) => doc.trim() === '').map(({ name }) => name)).toEqual([]);
});

test('each function, hook, component and call of the client has an example', () => {
  const without = names.filter((each) => each.needsExample && each.examples.length === 0);
  expect(without.map(({ name }) => name)).toEqual([]);
});

test('each example compiles', () => {
  const examples = names.flatMap(({ name, examples }) => examples.map((code) => ({ name, code })));
  const config = join(WEB, 'tsconfig.examples-2.json');
  files.set(
    config,
    JSON.stringify({
      extends: './tsconfig.examples.json',
      files: ['examples.d.ts', ...examples.map((_, n) => `example-${n}.tsx`)],
    }),
  );
  for (const [n, { name, code }] of examples.entries()) {
    // An example may use the name that it stands at.
    const [, door, own] = /^(\w+): (\w+)$/.exec(name) ?? [];
    const line =
      own && !code.includes('import ') ? `import { ${own} } from '@media-analysis/${door}';` : '';
    files.set(join(WEB, `example-${n}.tsx`), `${line}\n${code}\nexport {};\n`);
  }
  const { program } = projectOf(config);
  const errors = examples.flatMap(({ name }, n) => {
    const file = join(WEB, `example-${n}.tsx`);
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ];
    return found.map(({ text }) => `${name}: ${text}`);
  });
  expect(errors).toEqual([]);
});
