/** What `npm start` and `npm run dev` do for `analyses/` before anything else: mostly nothing, in a few milliseconds. */
import { readFileSync } from 'node:fs';
import { GENERATED, headOf, promptFiles } from './analyses-digest.ts';

/**
 * Writes the generated files if `analyses/` has changed.
 * @throws {AnalysesError} with each mistake in the files
 */
export async function prepareAnalyses(): Promise<void> {
  const head = headOf(promptFiles());
  const isNew = (path: string) => readFileSync(path, 'utf8').startsWith(head);
  if (Object.values(GENERATED).every(isNew)) return;
  const { writeAnalyses } = await import('./analyses.ts');
  await writeAnalyses();
}
