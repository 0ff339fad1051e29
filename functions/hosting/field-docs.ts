/**
 * Finds what the source says of each field of the API, in the comment before it. The schemas do not carry these texts, because
 * browsers load schemas too.
 */
import { readdirSync, readFileSync } from 'node:fs';

type Docs = Map<string, string>;

/** @returns what is said of a field of an object that has these fields */
export function readFieldDocs(): (field: string, among: readonly string[]) => string | undefined {
  const shared = new URL('../../shared/', import.meta.url);
  const files = readdirSync(shared).filter((name) => /(?<!\.test|\.gen)\.ts$/.test(name));
  const objects = files.flatMap((name) => objectsIn(readFileSync(new URL(name, shared), 'utf8')));
  return (field, among) => {
    // Objects extend each other: the one with the most fields says it best.
    const possible = objects.filter(({ fields, docs }) => {
      return docs.has(field) && fields.every((each) => among.includes(each));
    });
    const most = Math.max(...possible.map(({ fields }) => fields.length));
    return possible.find(({ fields }) => fields.length === most)?.docs.get(field);
  };
}

interface DescribedObject {
  fields: string[];
  docs: Docs;
}

const OPENS = /[{([]$/;
const DOC = /\/\*\*[\s*]*([\s\S]*?)\s*\*\//;

/** The objects of a source that Biome has formatted: each field is on a line of its own, one step further in than its object. */
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
    const [, field] = /^\s+(\w+):/.exec(line) ?? [];
    const around = open.at(-1);
    if (field !== undefined && around && indent === around.indent + 2) {
      around.object.fields.push(field);
      if (doc !== undefined) around.object.docs.set(field, doc);
    }
    if (OPENS.test(line)) {
      const object = { fields: [], docs: new Map() };
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
