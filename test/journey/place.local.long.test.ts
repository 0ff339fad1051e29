/** `npm start` keeps the places of photos, which stay on this machine, so that its page has a map. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { LOUVRE, photoAt } from '../support/located.ts';
import { client } from '../support/stack.ts';
import { start, stop } from '../support/started.ts';

let folder: string;
let child: ChildProcess;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-analysis-place-'));
});
afterEach(() => stop(child, 'SIGTERM'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['without a setting', undefined, 'Paris'],
  ['CAPTURE_LOCATION=off', 'off', undefined],
])('%s', async (_, setting, city) => {
  const environment = { CAPTURE_LOCATION: setting };
  const started = await start(join(folder, String(setting)), '0', { environment });
  child = started.child;
  const user = client(started.stack);
  const { media_ids } = await user.analyze([await photoAt('a.jpg', LOUVRE)]);
  const [media] = await user.results(media_ids);
  expect(media?.analytics?.capture?.place?.city).toBe(city);
});
