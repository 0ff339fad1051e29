/**
 * `npm run test:browsers`: what people do with the page, in the other browsers that are installed on this machine, led by WebDriver.
 * `-- --only firefox` (or `webkitgtk`) tries one of them, `-- --step keyboard` the steps whose name has this word.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Engine, firefox, type OpenBrowser, webkit } from './engines.ts';
import { STEPS, type Step, startWorld, untilNothingKept, type World } from './walk.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, step: { type: 'string', default: '' } },
});
const engines = [firefox(), webkit()].filter(({ name }) =>
  name.toLowerCase().startsWith(values.only.toLowerCase()),
);
const steps = STEPS.filter(({ name }) => name.includes(values.step));
for (const { name, missing } of engines) if (missing) console.log(`${name}: not tried. ${missing}`);
const here = engines.filter(({ missing }) => missing === undefined);
if (here.length === 0) {
  console.log('No other browser is here, so nothing was tested.');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'browsers-'));
const world = await startWorld(folder);
let failures = 0;
try {
  for (const engine of here) failures += await walkIn(engine, world);
} finally {
  await world.close();
  rmSync(folder, { recursive: true });
}
console.log(failures === 0 ? '\nAll of it works.' : `\nFailed: ${failures}.`);
process.exit(failures === 0 ? 0 : 1);

/** @returns how many steps failed */
async function walkIn(engine: Engine, world: World): Promise<number> {
  let failed = 0;
  let opened: { by: Step['wishes']; browser: OpenBrowser } | undefined;
  try {
    for (const step of steps) {
      if (opened && opened.by !== step.wishes) {
        await opened.browser.close();
        opened = undefined;
      }
      if (!opened) {
        opened = { by: step.wishes, browser: await engine.open(step.wishes?.(world)) };
        console.log(`\n${engine.name}: ${opened.browser.session.browser}`);
      }
      if (await passes(step, opened.browser, world)) continue;
      failed++;
      // What it has left behind must not stop the next step.
      await opened.browser.close();
      opened = undefined;
    }
  } finally {
    await opened?.browser.close();
  }
  return failed;
}

async function passes(step: Step, { session }: OpenBrowser, world: World): Promise<boolean> {
  try {
    await world.reset();
    const seen = await step.walk(session, world);
    await untilNothingKept(session);
    console.log(`  works   ${step.name}${typeof seen === 'string' ? ` (${seen})` : ''}`);
    return true;
  } catch (error) {
    console.error(`  FAILED  ${step.name}`, error);
    const path = join(tmpdir(), `${session.browser.replaceAll(/\W+/g, '-')}-failed.png`);
    const picture = await session.screenshot().catch(() => undefined);
    if (picture) writeFileSync(path, picture);
    if (picture) console.error(`  The page as it was: ${path}`);
    return false;
  }
}
