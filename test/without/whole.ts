/** Checks whether the project is whole without some of its features. */
import { runTests } from '../mutations/jest.ts';
import { Sandbox } from '../mutations/sandbox.ts';
import { type Removal, removeFeatures } from './remove.ts';
import { typeErrors } from './types.ts';

/** One photo from the form to its analysis, and what can go wrong on the way. */
const JOURNEYS = ['photos', 'deliveries', 'bad-input'].map(
  (name) => `test/journey/${name}.test.ts`,
);

export interface Checked extends Removal {
  /** A line for each thing that broke. */
  wrong: string[];
}

/** @param edit Changes the copy first: a test breaks it. */
export async function checkWithout(
  root: string,
  names: readonly string[],
  { journeys = true, edit }: { journeys?: boolean; edit?: (dir: string) => void } = {},
): Promise<Checked> {
  const sandbox = new Sandbox(root);
  try {
    edit?.(sandbox.dir);
    const removed = removeFeatures(sandbox.dir, names);
    // Without whole types no unit starts.
    const wrong = [...removed.complaints, ...(await typeErrors(sandbox.dir, JOURNEYS))];
    if (wrong.length === 0 && journeys) wrong.push(...(await failedJourneys(sandbox.dir)));
    return { ...removed, wrong };
  } finally {
    sandbox.remove();
  }
}

async function failedJourneys(dir: string): Promise<string[]> {
  const results = await runTests(dir, JOURNEYS, ['']);
  if (!results) return ['the journeys did not come to an end'];
  if (results.length === 0) return ['no journey ran'];
  return results
    .filter(({ isPassed }) => !isPassed)
    .map(({ file, name, reason }) => `${file}: ${name}: ${reason}`);
}
