/** Any feature can be taken away, and so can all of them at once. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { featuresOf } from './remove.ts';
import { checkWithout } from './whole.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const features = featuresOf(ROOT);

test.each(features)('the types hold without %s', async (name) => {
  expect((await checkWithout(ROOT, [name], { journeys: false })).wrong).toEqual([]);
});

// Longer than the journeys may take: one that hangs is ended with all that it has started.
const LIMIT_MS = 15 * 60_000;
test(
  'a photo goes its way through the core alone',
  async () => {
    expect((await checkWithout(ROOT, features)).wrong).toEqual([]);
  },
  LIMIT_MS,
);

test('an import of a feature by the core is seen', async () => {
  const edit = (dir: string) => {
    const path = join(dir, 'functions/core/work/delivery.ts');
    const line = "export { WebhookOutbox } from '../../features/webhooks/outbox.ts';\n";
    writeFileSync(path, `${line}${readFileSync(path, 'utf8')}`);
  };
  const { wrong } = await checkWithout(ROOT, ['webhooks'], { journeys: false, edit });
  expect(wrong).toEqual([expect.stringMatching(/^functions\/core\/work\/delivery\.ts.*TS2307/)]);
});
