import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { datasetOf } from './dataset.ts';
import { OWN_PHOTOS, readLabels } from './labels.ts';

/** Photos that other tests need as they are. */
const LARGE = new Set(['01', '05', '06', '07', '08', '17']);
/** It has nothing to be seen: the tests of places in metadata use it. */
const WITHOUT_LABEL = '22-located.tiff';

const names = async () => (await readdir(OWN_PHOTOS)).filter((name) => /^\d\d-/.test(name)).sort();

test('each photo has a label and a source, and 40 or more do', async () => {
  const sources = await readFile(join(OWN_PHOTOS, 'SOURCES.md'), 'utf8');
  const labelled = [...(await readLabels(OWN_PHOTOS)).keys(), WITHOUT_LABEL].sort();
  expect(labelled).toEqual(await names());
  expect(labelled.length).toBeGreaterThanOrEqual(40);
  const unnamed = labelled.filter((name) => !isNamed(name, sources));
  expect(unnamed).toEqual([]);
});

/** `30-…` to `39-receipt-….jpg` names ten. */
function isNamed(name: string, sources: string): boolean {
  if (sources.includes(`\`${name}\``)) return true;
  const number = Number(name.slice(0, 2));
  const ranges = sources.matchAll(/`(\d\d)-[^`]*` to `(\d\d)-[^`]*`/g);
  return [...ranges].some(([, first, last]) => Number(first) <= number && number <= Number(last));
}

test('the photos stay small', async () => {
  const sizes = await Promise.all(
    (await names()).map(async (name) => ({
      name,
      size: (await stat(join(OWN_PHOTOS, name))).size,
    })),
  );
  const large = sizes.filter(({ name, size }) => size > 300_000 && !LARGE.has(name.slice(0, 2)));
  expect(large).toEqual([]);
  expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(8e6);
});

// If this fails: npm run eval -- --save-dataset test/eval/genkit-dataset.json
test("Genkit's dataset has the photos that have labels", async () => {
  const dataset = await readFile(new URL('genkit-dataset.json', import.meta.url), 'utf8');
  expect(JSON.parse(dataset)).toEqual(datasetOf([...(await readLabels(OWN_PHOTOS))]));
});
