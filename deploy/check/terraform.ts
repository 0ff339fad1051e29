/** What terraform/ says, as far as it can be read without running it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, literal, parseHcl, parseObject } from './hcl.ts';

export class Terraform {
  readonly blocks: Block[] = [];
  /** Files that Terraform would read, and this class does not. */
  readonly unread: string[];

  /** @throws {SyntaxError} naming the file and line that cannot be read. */
  constructor(folder: string) {
    const names = readdirSync(folder);
    // What an override says is laid over what is written elsewhere.
    this.unread = names.filter((each) => /\.tf\.json$|(^|_)override\.tf$/.test(each));
    for (const name of names.filter((each) => each.endsWith('.tf'))) {
      try {
        this.blocks.push(...parseHcl(readFileSync(join(folder, name), 'utf8')).blocks);
      } catch (error) {
        throw new SyntaxError(`terraform/${name}, ${(error as Error).message}`, { cause: error });
      }
    }
  }

  /** @throws {Error} if there is none. */
  resource(type: string, name: string): Block {
    const found = this.resources(type).find(({ labels }) => labels[1] === name);
    if (!found) throw new Error(`terraform/ has no resource "${type}" "${name}".`);
    return found;
  }

  resources(type: string): Block[] {
    return this.all().filter(({ labels }) => labels[0] === type);
  }

  /** Every resource, of whichever type. */
  all(): Block[] {
    return this.blocks.filter(({ type }) => type === 'resource');
  }

  /** The resource that an expression such as `google_storage_bucket.media.name` is about. */
  referred(expression: string | undefined): Block | undefined {
    const [, type = '', name = ''] = /^(\w+)\.(\w+)\.\w+$/.exec(expression ?? '') ?? [];
    return this.resources(type).find(({ labels }) => labels[1] === name);
  }

  /** A value that is written out, here or as the default of the variable that stands here. */
  valueOf(expression: string | undefined): string | undefined {
    const variable = /^var\.(\w+)$/.exec(expression ?? '')?.[1];
    if (variable === undefined) return literal(expression);
    return literal(this.variable(variable)?.attributes.default);
  }

  variable(name: string): Block | undefined {
    return this.blocks.find(({ type, labels }) => type === 'variable' && labels[0] === name);
  }

  /** Local values, as they are written. */
  locals(): Record<string, string> {
    const blocks = this.blocks.filter(({ type }) => type === 'locals');
    return Object.assign({}, ...blocks.map(({ attributes }) => attributes));
  }

  /** The entries of a local value that is an object; undefined for any other. */
  localObject(name: string): Record<string, string> | undefined {
    const value = this.locals()[name];
    return value?.startsWith('{') ? parseObject(value) : undefined;
  }
}

/** All blocks below one, at any depth. */
export function nested(block: Block): Block[] {
  return block.blocks.flatMap((each) => [each, ...nested(each)]);
}
