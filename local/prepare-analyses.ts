/** Prepares `analyses/` for `npm start` and `npm run dev`. Mostly nothing has changed, which takes a few milliseconds to see. */
import { areCurrent, promptFiles } from './analyses-digest.ts';

/**
 * Writes the generated files if `analyses/` has changed.
 * @throws {AnalysesError} with each mistake in the files
 */
export async function prepareAnalyses(): Promise<void> {
  const files = promptFiles();
  if (!areCurrent(files)) {
    const { writeAnalyses } = await import('./analyses.ts');
    await writeAnalyses();
  }
  if (files.every(({ text }) => !text.includes('\nmodel:'))) return;
  const { refuseMissingModels } = await import('./named-models.ts');
  await refuseMissingModels(files);
}
