/**
 * Reads the structure of Terraform's language: blocks, their labels, and attributes with the text
 * of their values. It evaluates nothing: `terraform validate` checks the rest.
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */

export interface Body {
  /** The text of each value, without the comments around it. */
  attributes: Record<string, string>;
  blocks: Block[];
}

export interface Block extends Body {
  type: string;
  labels: string[];
}

const OPEN = '([{';
const CLOSE = ')]}';
const NAME = /"(?:[^"\\]|\\.)*"|[\p{L}_][\p{L}\p{N}_-]*|\([^()]*\)/uy;

/** @throws {SyntaxError} with the line, if this reader does not understand the text */
export function parseHcl(text: string): Body {
  const scanner = new Scanner(text);
  const body = readBody(scanner);
  if (!scanner.ended) throw scanner.unexpected();
  return body;
}

/** The entries of a literal object, `{ NAME = value, … }`. @throws {SyntaxError} if it is not a literal object */
export function parseObject(value: string): Record<string, string> {
  if (!/^\{[\s\S]*\}$/.test(value)) throw new SyntaxError(`This is no object: ${value}`);
  return parseHcl(value.slice(1, -1)).attributes;
}

/** The value of a literal string, number or boolean; undefined if an expression has to be evaluated. */
export function literal(value: string | undefined): string | undefined {
  const found = /^"((?:[^"\\$%]|\$(?!\{)|%(?!\{))*)"$/.exec(value ?? '')?.[1];
  return found ?? /^(?:-?\d+(?:\.\d+)?|true|false)$/.exec(value ?? '')?.[0];
}

function readBody(scanner: Scanner): Body {
  const body: Body = { attributes: {}, blocks: [] };
  for (;;) {
    scanner.skip(',');
    const name = scanner.take(NAME);
    if (name === undefined) return body;
    scanner.skipSpaces();
    if (scanner.take(/[=:](?!=)/y) !== undefined) {
      body.attributes[unquoted(name)] = scanner.expression();
      continue;
    }
    const labels: string[] = [];
    for (let label = scanner.take(NAME); label !== undefined; label = scanner.take(NAME)) {
      labels.push(unquoted(label));
      scanner.skipSpaces();
    }
    scanner.expect('{');
    body.blocks.push({ type: name, labels, ...readBody(scanner) });
    scanner.expect('}');
  }
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1) : name;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** True if only white space and comments are left. */
  get ended(): boolean {
    this.skip();
    return this.#at === this.#text.length;
  }

  /** Skips white space, comments, and the characters in `also`. */
  skip(also = ''): void {
    for (;;) {
      const next = this.#text[this.#at];
      if (next !== undefined && also.includes(next)) this.#at++;
      else if (this.take(/\s+/y) === undefined && this.#comment() === undefined) return;
    }
  }

  skipSpaces(): void {
    this.take(/[ \t]+/y);
  }

  /** @param pattern a sticky pattern (flag `y`) */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  expect(character: string): void {
    this.skip();
    if (this.#text[this.#at] !== character) throw this.unexpected();
    this.#at++;
  }

  /**
   * Reads a value: to the end of the line or of the enclosing block, but never inside an open
   * bracket.
   */
  expression(): string {
    this.skipSpaces();
    const start = this.#at;
    let end = start;
    for (let depth = 0; this.#at < this.#text.length; ) {
      const next = this.#text[this.#at] ?? '';
      if (depth === 0 && (next === '\n' || next === ',' || CLOSE.includes(next))) break;
      if (this.#comment() !== undefined) continue;
      if (this.#string() === undefined) {
        if (OPEN.includes(next)) depth++;
        if (CLOSE.includes(next)) depth--;
        this.#at++;
      }
      if (next.trim() !== '') end = this.#at;
    }
    if (end === start) throw this.unexpected();
    return this.#text.slice(start, end);
  }

  unexpected(): SyntaxError {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    const what = this.#text.slice(this.#at).split('\n', 1)[0];
    return new SyntaxError(`line ${line}: not understood: ${what || 'the end'}`);
  }

  #comment(): string | undefined {
    return this.take(/(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\//y);
  }

  /** Reads a quoted string with its interpolations, or a heredoc. */
  #string(): string | undefined {
    const heredoc = this.take(/<<-?(\w+)\n[\s\S]*?\n[ \t]*\1(?=\s|$)/y);
    if (heredoc !== undefined) return heredoc;
    if (this.#text[this.#at] !== '"') return undefined;
    const start = this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      if (this.take(/\$\$\{|%%\{|\\./y) !== undefined) continue;
      if (this.take(/[$%]\{/y) === undefined) this.#at++;
      else this.#interpolation();
    }
    this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #interpolation(): void {
    for (let depth = 1; depth > 0 && this.#at < this.#text.length; ) {
      if (this.#string() !== undefined) continue;
      if (this.#text[this.#at] === '{') depth++;
      if (this.#text[this.#at] === '}') depth--;
      this.#at++;
    }
  }
}
