/** A folder without a rule could be imported by all and import all: each room has to have one. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, matchesGlob } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const rulesSchema = z.object({ overrides: z.array(z.object({ includes: z.array(z.string()) })) });

const files = globSync('{shared,sandbox,vision,functions/*,local/*,web/src/*}/*.{ts,tsx}', {
  cwd: ROOT,
});
const rooms = [...new Set(files.map((file) => dirname(file).replaceAll('\\', '/')))];

test.each(rooms)('what %s may import is a rule of biome.rooms.json', (room) => {
  const { overrides } = rulesSchema.parse(
    JSON.parse(readFileSync(`${ROOT}biome.rooms.json`, 'utf8')),
  );
  const isRuled = overrides.some(({ includes }) =>
    includes.some((glob) => !glob.startsWith('!') && matchesGlob(`${room}/source.ts`, glob)),
  );
  expect(isRuled).toBe(true);
});

test('the rooms are found', () => {
  expect(rooms).toEqual(expect.arrayContaining(['functions/worker', 'local/dev', 'web/src/page']));
});
