/** Compares the generated files with `analyses/`, without the packages that parse these files. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const ANALYSES_DIR: string = here('../analyses');

export const GENERATED = {
  definitions: here('../functions/analysis/catalog/analyses.gen.ts'),
  types: here('../shared/analyses.gen.ts'),
};

/** The mistakes in the files, one a line: `analyses/receipt.prompt:7: …`. */
export class AnalysesError extends Error {
  override readonly name = 'AnalysesError';
}

export interface PromptFile {
  /** `receipt.prompt` */
  file: string;
  /** With Unix line ends and without a byte order mark, so that the digest is the same on each machine. */
  text: string;
}

/** In the order of their names. */
export function promptFiles(dir: string = ANALYSES_DIR): PromptFile[] {
  return readdirSync(dir)
    .filter((file) => file.endsWith('.prompt'))
    .sort()
    .map((file) => ({
      file,
      text: readFileSync(join(dir, file), 'utf8')
        .replace(/^\uFEFF/, '')
        .replaceAll('\r\n', '\n'),
    }));
}

/** True if the generated files were made from these. */
export function areCurrent(files: readonly PromptFile[]): boolean {
  const head = headOf(files);
  return Object.values(GENERATED).every((path) => readFileSync(path, 'utf8').startsWith(head));
}

/** The first lines of a generated file. */
export function headOf(files: readonly PromptFile[]): string {
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  return `// Written by \`npm run analyses\` from analyses/*.prompt. Change those files, not this one.\n// ${digest}\n`;
}
