/** The rules of Firestore, read as they stand; `npm run test:firebase` puts `test/rules/` to Google's own evaluator. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';

test('no page reads or writes Firestore past the api', async () => {
  const rules = await readFile(new URL('../../firestore.rules', import.meta.url), 'utf8');
  expect(rules.match(/^\s*match .*/gm)?.map((line) => line.trim())).toEqual([
    'match /databases/{database}/documents {',
    'match /{document=**} {',
  ]);
  expect(rules.match(/^\s*allow .*/gm)?.map((line) => line.trim())).toEqual([
    'allow read, write: if false;',
  ]);
});
