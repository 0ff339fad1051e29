/** Maps a saved file to the units that run it. */
import { readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { type Message, transform } from 'esbuild';

/** A unit that can be restarted. */
export interface Watched {
  name: string;
  /** Paths of the files that it has loaded. */
  files: ReadonlySet<string>;
  /** @returns true if it listens again */
  restart(): Promise<boolean>;
  /** Makes the next restart a quick one. */
  prepare(): void;
}

/** An editor saves all its files within this time. */
const TOGETHER_MS = 30;

/** Collects files that are saved together, and restarts the units that they concern. */
export class Changes {
  readonly #units: readonly Watched[];
  readonly #root: string;
  readonly #say: (line: string) => void;
  readonly #pending = new Set<string>();
  /** Files with errors of syntax. */
  readonly #broken = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #restarts = 0;

  /** @param root messages show paths relative to it */
  constructor(units: readonly Watched[], root: string, say: (line: string) => void) {
    this.#units = units;
    this.#root = root;
    this.#say = say;
  }

  /** Called for a file that was written, made or removed. */
  add(path: string): void {
    if (/\.test\.tsx?$/.test(path) || unitsOf([path], this.#units).length === 0) return;
    this.#pending.add(path);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#apply();
    }, TOGETHER_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#restarts++;
  }

  async #apply(): Promise<void> {
    const started = performance.now();
    const paths = [...this.#pending];
    const errors = (await Promise.all(paths.map((path) => this.#check(path)))).flat();
    for (const error of errors) this.#say(error);
    if (this.#broken.size > 0) {
      const files = [...this.#broken].map((path) => this.#nameOf(path)).join(', ');
      this.#say(`The units stay as they were until ${files} can be read.`);
      return;
    }
    for (const path of paths) this.#pending.delete(path);
    const names = paths.map((path) => this.#nameOf(path)).join(', ');
    const units = unitsOf(paths, this.#units);
    const restart = ++this.#restarts;
    const isUp = await Promise.all(units.map((unit) => unit.restart()));
    // A later change has replaced this restart.
    if (restart !== this.#restarts) return;
    const seconds = ((performance.now() - started) / 1_000).toFixed(2);
    const [up, down] = [true, false].map((state) => units.filter((_, i) => isUp[i] === state));
    if (up?.length) this.#say(`${names}: new in ${listOf(up)} after ${seconds} s`);
    if (down?.length) {
      this.#say(`${names}: ${listOf(down)} did not start, see above. The next save tries again.`);
    }
    for (const unit of this.#units) unit.prepare();
  }

  /** @returns the errors of syntax in a file, each with its place; a unit would stop at the first one */
  async #check(path: string): Promise<string[]> {
    this.#broken.delete(path);
    if (!path.endsWith('.ts')) return [];
    const source = await readFile(path, 'utf8').catch(() => undefined);
    if (source === undefined) return [];
    try {
      await transform(source, { loader: 'ts', sourcefile: this.#nameOf(path), logLevel: 'silent' });
      return [];
    } catch (error) {
      this.#broken.add(path);
      return (error as { errors: Message[] }).errors.map(describe);
    }
  }

  #nameOf(path: string): string {
    return relative(this.#root, path).replaceAll('\\', '/');
  }
}

/**
 * The units that have loaded one of the files. A file that no unit has loaded is new, or is not code (a prompt): it concerns the
 * units that have loaded a file beside it.
 */
export function unitsOf(paths: readonly string[], units: readonly Watched[]): readonly Watched[] {
  const found = new Set<Watched>();
  for (const path of paths) {
    const users = units.filter(({ files }) => files.has(path));
    const neighbours = units.filter(({ files }) =>
      [...files].some((file) => dirname(file) === dirname(path)),
    );
    for (const unit of users.length > 0 ? users : neighbours) found.add(unit);
  }
  return [...found];
}

const listOf = (units: readonly Watched[]) => units.map(({ name }) => name).join(', ');

/** In the format of compilers, so that terminals of editors link to the place. Lines and columns count from 1. */
function describe({ text, location }: Message): string {
  if (!location) return text;
  const { file, line, column, lineText } = location;
  return `${file}:${line}:${column + 1}: ${text}\n    ${lineText.trim()}`;
}
