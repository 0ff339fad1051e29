/** Builds the commands of the pipeline as single files, so that the account that deploys installs no package for them. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** `deploy/NAME.ts` becomes `NAME.mjs`. */
const TOOLS = ['smoke', 'plan-gate'] as const;

/** @param dist receives the files. It has to be a folder of the project: `smoke.mjs` reads a photo of `../test/photos`. */
export async function buildTools(dist: string): Promise<void> {
  await build({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: TOOLS.map((name) => ({ in: `${name}.ts`, out: name })),
    outdir: dist,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'warning',
  });
}
