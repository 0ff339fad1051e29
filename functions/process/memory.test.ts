import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { NODE_OPTIONS } from '../../local/base/units.ts';

/** @returns the peak of read buffers in megabytes, while 40 MB of them came and went */
function mostHeld(eachTime: string): number {
  const memory = JSON.stringify(new URL('./memory.ts', import.meta.url).href);
  const script = `
    const { countStreamed } = await import(${memory});
    let most = 0;
    for (let n = 0; n < 20; n++) {
      Buffer.alloc(2_000_000);
      await new Promise(setImmediate);
      ${eachTime}
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    console.log(most / 1e6);`;
  const command = [...NODE_OPTIONS, '--input-type=module', '--eval', script];
  return Number(execFileSync(process.execPath, command, { encoding: 'utf8' }));
}

test('read buffers are collected while more of them come', () => {
  expect(mostHeld('countStreamed(2_000_000);')).toBeLessThan(20);
});

// If this fails, V8 counts read buffers itself. Then remove `memory.ts` and `--expose-gc`.
test('still needed: V8 lets 40 MB of read buffers pile up', () => {
  expect(mostHeld('')).toBeGreaterThan(35);
});
