/**
 * Finds the comment before each field of the API in the source. The schemas do not contain these texts, because browsers load
 * schemas too.
 */
import { readdirSync, readFileSync } from 'node:fs';

type Docs = Map<string, string>;

/**
 * @returns a function that finds the text about a field of the object with these fields, or about a parameter of the address
 *   with these. Undefined if the object has none.
 */
export function readFieldDocs(): DocOf {
  const shared = new URL('../../shared/', import.meta.url);
  const files = readdirSync(shared).filter((name) => /(?<!\.test|\.gen)\.ts$/.test(name));
  return createDocOf(
    files.flatMap((name) => objectsIn(readFileSync(new URL(name, shared), 'utf8'))),
  );
}

type DocOf = (
  field: string,
  among: readonly string[],
  kind: 'object' | 'address',
) => string | undefined;

export function createDocOf(all: readonly DescribedObject[]): DocOf {
  return (field, among, kind) => {
    const possible = all
      .filter(
        ({ fields }) => fields.includes(field) && fields.every((each) => among.includes(each)),
      )
      .filter(({ isQuery }) => kind === 'address' || !isQuery);
    const fit = ({ fields, isQuery, isPart }: DescribedObject) => [
      // First the object itself. Objects extend each other, so then the one with the most fields.
      isPart || fields.length < among.length ? 0 : 1,
      isQuery ? 1 : 0,
      fields.length,
      isPart ? 1 : 0,
    ];
    const [best] = possible.toSorted((a, b) => compare(fit(b), fit(a)));
    return best?.docs.get(field);
  };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((each, n) => each !== b[n]);
  return (a[at] ?? 0) - (b[at] ?? 0);
}

interface DescribedObject {
  fields: string[];
  docs: Docs;
  /** The fields are parameters of an address. */
  isQuery: boolean;
  /** The fields are added to those of another object. */
  isPart: boolean;
}

const OPENS = /[{([]$/;
const DOC = /\/\*\*[\s*]*([\s\S]*?)\s*\*\//;

/** Relies on Biome's format: each field is on its own line, one step further in than its object. */
export function objectsIn(source: string): DescribedObject[] {
  const found: DescribedObject[] = [];
  const open: { indent: number; object: DescribedObject }[] = [];
  let doc: string | undefined;
  let comment: string | undefined;
  for (const line of source.split('\n')) {
    const indent = line.search(/\S/);
    if (comment !== undefined || /^\s*\/\*\*/.test(line)) {
      comment = `${comment ?? ''}${line}\n`;
      if (!line.includes('*/')) continue;
      doc = textOf(comment);
      comment = undefined;
      continue;
    }
    while (open.length > 0 && indent <= (open.at(-1)?.indent ?? 0) && indent >= 0) open.pop();
    const [, field] = /^\s+(\w+)(?::|,$)/.exec(line) ?? [];
    const last = open.at(-1);
    const around = last && indent === last.indent + 2 ? last.object : undefined;
    if (field !== undefined) {
      around?.fields.push(field);
      if (doc !== undefined) around?.docs.set(field, doc);
    }
    if (around && /^\s+\.\.\.\w/.test(line)) around.isPart = true;
    if (OPENS.test(line)) {
      const isQuery = /^\s*query: /.test(line);
      const isPart = /\.extend\(/.test(line);
      const object = { fields: [], docs: new Map(), isQuery, isPart };
      open.push({ indent, object });
      if (line.endsWith('{')) found.push(object);
    }
    doc = undefined;
  }
  return found.filter(({ docs }) => docs.size > 0);
}

function textOf(comment: string): string {
  const [, text = ''] = DOC.exec(comment) ?? [];
  return text.replaceAll(/\s*\n\s*\* ?/g, ' ');
}
