/** The content of terraform/, as far as it can be read without Terraform. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, literal, parseHcl, parseObject } from './hcl.ts';

export class Terraform {
  readonly blocks: Block[] = [];
  /** Files that Terraform reads and this class does not. */
  readonly unread: string[];

  /** @throws {SyntaxError} with the file and the line that cannot be read */
  constructor(folder: string) {
    const names = readdirSync(folder);
    // Terraform merges an override file into the other files; this class does not.
    this.unread = names.filter((each) => /\.tf\.json$|(^|_)override\.tf$/.test(each));
    for (const name of names.filter((each) => each.endsWith('.tf'))) {
      try {
        this.blocks.push(...parseHcl(readFileSync(join(folder, name), 'utf8')).blocks);
      } catch (error) {
        throw new SyntaxError(`terraform/${name}, ${(error as Error).message}`, { cause: error });
      }
    }
  }

  /** @throws {Error} if terraform/ has no such resource */
  resource(type: string, name: string): Block {
    const found = this.resources(type).find(({ labels }) => labels[1] === name);
    if (!found) throw new Error(`terraform/ has no resource "${type}" "${name}".`);
    return found;
  }

  resources(type: string): Block[] {
    return this.all().filter(({ labels }) => labels[0] === type);
  }

  all(): Block[] {
    return this.blocks.filter(({ type }) => type === 'resource');
  }

  /** The resource that an expression such as `google_storage_bucket.media.name` or `….media[0].name` refers to. */
  referred(expression: string | undefined): Block | undefined {
    const [, type = '', name = ''] = /^(\w+)\.(\w+)(?:\[0\])?\.\w+$/.exec(expression ?? '') ?? [];
    return this.resources(type).find(({ labels }) => labels[1] === name);
  }

  /**
   * The value of a literal, or the literal default of a variable. Undefined for any other
   * expression.
   */
  valueOf(expression: string | undefined): string | undefined {
    const variable = /^var\.(\w+)$/.exec(expression ?? '')?.[1];
    if (variable === undefined) return literal(expression);
    return literal(this.variable(variable)?.attributes.default);
  }

  variable(name: string): Block | undefined {
    return this.blocks.find(({ type, labels }) => type === 'variable' && labels[0] === name);
  }

  /** Local values, each with the text of its expression. */
  locals(): Record<string, string> {
    const blocks = this.blocks.filter(({ type }) => type === 'locals');
    return Object.assign({}, ...blocks.map(({ attributes }) => attributes));
  }

  /** The entries of a local value that is an object; undefined for any other value. */
  localObject(name: string): Record<string, string> | undefined {
    const value = this.locals()[name];
    return value?.startsWith('{') ? parseObject(value) : undefined;
  }
}

/** All nested blocks of a block, at any depth. */
export function nested(block: Block): Block[] {
  return block.blocks.flatMap((each) => [each, ...nested(each)]);
}
