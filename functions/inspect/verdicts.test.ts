/** The short form of `verdicts.long.test.ts`: here the process is stopped, as if the machine were busy. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect } from '@jest/globals';
import { needing } from '../../test/support/needing.ts';
import { Inspector } from './inspector.ts';

const CPU_MS = 1_500;
/** Longer than the pause between two looks at the limits (`sandbox/child.ts`). */
const NEXT_LOOK_MS = 100;

const inspector = new Inspector({ cpuMs: CPU_MS });
afterAll(() => inspector.close());

needing('signals')(
  'the verdicts on a calm machine and in a process that is stopped are the same',
  async () => {
    const bytes = await readFile(new URL('../../test/videos/clip.mp4', import.meta.url));
    let stops = 0;
    const verdict = (stop: () => Promise<void>) => {
      const read = async (start: number, end: number) => {
        await stop();
        return bytes.subarray(start, end);
      };
      return inspector.inspect({ size: bytes.length, read }, 'clip.mp4', 'alice');
    };
    const calm = await verdict(async () => undefined);
    const busy = await verdict(async () => {
      if (stops++ > 0) return;
      const [pid = 0] = inspector.pids;
      await sleep(NEXT_LOOK_MS);
      process.kill(pid, 'SIGSTOP');
      await sleep(CPU_MS + NEXT_LOOK_MS);
      process.kill(pid, 'SIGCONT');
      await sleep(NEXT_LOOK_MS);
    });
    expect(stops).toBeGreaterThan(0);
    expect(busy).toEqual(calm);
  },
);
