/** A verdict on a file does not depend on how busy the machine is: `verdicts.test.ts` has the short form. */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, expect, test } from '@jest/globals';
import { animatedWebp, BOMBS, fragmentedMp4, progressiveJpeg } from '../../test/support/bombs.ts';
import { endWithUs } from '../../test/support/end-with-us.ts';
import { Inspector } from './inspector.ts';

/** Less than deployed, so that the verdicts on files that use all of it come sooner. */
const inspector = new Inspector({ cpuMs: 1_500, heapMb: 96 });
const busy: ChildProcess[] = [];
afterAll(() => {
  inspector.close();
  for (const each of busy) each.kill('SIGKILL');
});

const bomb = (name: string) => [name, BOMBS.find((each) => each.name === name)?.bytes()] as const;
/** Files just within a limit, files just beyond, and files that use up the CPU time or the memory. */
const FILES = [
  ['46 scans.jpg', progressiveJpeg(8_000, 46)],
  ['47 scans.jpg', progressiveJpeg(8_000, 47)],
  ['a fragment of 200,000 samples.mp4', fragmentedMp4(200_000)],
  ['300 frames.webp', animatedWebp(300)],
  bomb('one offset for 4,294,967,295 frames.mp4'),
  bomb('a fragment of 5,000,000 samples.mp4'),
] as const;

async function verdicts(): Promise<Record<string, unknown>> {
  const entries = FILES.map(async ([name, bytes = Buffer.alloc(0)], i) => {
    const verdict = await inspector.inspect(bytes, name, `owner ${i}`).then(
      ({ facts }) => facts,
      ({ code, message }: { code?: string; message: string }) => code ?? message,
    );
    return [name, verdict] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

test('the verdicts on a calm machine and beside two busy processes are the same', async () => {
  const calm = await verdicts();
  expect(calm).toMatchObject({
    '46 scans.jpg': { format: 'jpeg', width: 8_000 },
    '47 scans.jpg': 'media_too_complex',
    '300 frames.webp': { format: 'webp' },
    'one offset for 4,294,967,295 frames.mp4': 'media_too_complex',
    'a fragment of 5,000,000 samples.mp4': 'media_too_complex',
  });
  for (let i = 0; i < 2; i++) busy.push(endWithUs(spawn(process.execPath, ['-e', 'for (;;);'])));
  expect(await verdicts()).toEqual(calm);
});
