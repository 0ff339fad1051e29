/**
 * `npm run analyses`: generates code for the units and the client from `analyses/*.prompt`. `npm start`, `npm run dev` and `npm
 * run build` do the same. `-- --check` writes nothing, and ends with 1 if something is not up to date.
 */
import { relative } from 'node:path';
import { readAnalyses, staleFiles, writeAnalyses } from '../local/analyses.ts';
import { AnalysesError, promptFiles } from '../local/analyses-digest.ts';
import { refuseMissingModels } from '../local/named-models.ts';

try {
  if (process.argv.includes('--check')) {
    const stale = await staleFiles();
    for (const path of stale) {
      console.error(`${relative('.', path)} is not up to date. Run: npm run analyses`);
    }
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    const isNew = await writeAnalyses();
    await refuseMissingModels(promptFiles());
    for (const { name, description } of await readAnalyses())
      console.log(`${name}: ${description}`);
    console.log(isNew ? 'Written.' : 'Nothing has changed.');
  }
} catch (error) {
  if (!(error instanceof AnalysesError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
