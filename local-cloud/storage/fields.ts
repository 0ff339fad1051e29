/**
 * Partial responses: `fields=items(name,metadata/owner),nextPageToken`.
 * https://cloud.google.com/storage/docs/json_api#partial-response
 */
import { StorageError } from './errors.ts';

/** By field name, the selected part of the field; undefined: all of it. `*` stands for any name. */
type Selection = Map<string, Selection | undefined>;

/** @throws {StorageError} 400 if the text is not a valid selection. */
export function parseFields(text: string): Selection {
  const tokens = text.match(/[(),/]|[^(),/]+/g) ?? [];
  const selection = parseList(tokens);
  if (tokens.length > 0) throw invalid(text);
  return selection;

  function parseList(rest: string[]): Selection {
    const list: Selection = new Map();
    do {
      const [name, inner] = parseItem(rest);
      const before = list.get(name);
      if (list.has(name) && (!before || !inner)) list.set(name, undefined);
      else list.set(name, before && inner ? new Map([...before, ...inner]) : inner);
    } while (take(rest, ','));
    return list;
  }

  function parseItem(rest: string[]): [string, Selection | undefined] {
    const name = rest.shift()?.trim() ?? '';
    if (!/^[\w*-]+$/.test(name)) throw invalid(text);
    if (take(rest, '/')) return [name, new Map([parseItem(rest)])];
    if (!take(rest, '(')) return [name, undefined];
    const inner = parseList(rest);
    if (!take(rest, ')')) throw invalid(text);
    return [name, inner];
  }
}

/** The selected part of a response. Fields that the response does not have are ignored. */
export function selectFields(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map((item) => selectFields(item, selection));
  if (typeof value !== 'object' || value === null) return value;
  const wanted = Object.entries(value).filter(
    ([name]) => selection.has(name) || selection.has('*'),
  );
  return Object.fromEntries(
    wanted.map(([name, field]) => {
      const inner = selection.get(selection.has(name) ? name : '*');
      return [name, inner ? selectFields(field, inner) : field];
    }),
  );
}

function take(tokens: string[], token: string): boolean {
  if (tokens[0] !== token) return false;
  tokens.shift();
  return true;
}

function invalid(text: string): StorageError {
  return new StorageError('invalid', `Invalid field selection ${text}`);
}
