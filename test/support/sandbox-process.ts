/** A sandbox process that does what its task says, for tests of the sandbox itself. */
import { serve } from '@media-analysis/sandbox/child';

const kept: unknown[] = [];
let jobs = 0;

serve(async (task, { read, write }) => {
  jobs++;
  switch (task) {
    case 'crash':
      process.exit(3);
      break;
    case 'hang':
      for (;;);
    case 'sleep':
      return new Promise(() => undefined);
    case 'heap':
      for (;;) kept.push(Array.from({ length: 1_000 }, () => ({})));
    case 'buffers':
      for (;;) {
        kept.push(Buffer.alloc(10_000_000, 1));
        await new Promise((resolve) => setImmediate(resolve));
      }
    case 'keep 150 MB':
      kept.push(Buffer.alloc(150_000_000, 1));
      break;
    case 'take 150 MB': {
      const taken = Buffer.alloc(150_000_000, 1);
      // With what an earlier job kept this is beyond the limit of the tests: it waits for its end.
      while (process.memoryUsage.rss() > 300e6) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      kept.push(taken.length);
      break;
    }
    case 'nonsense':
      process.send?.({ kind: 'answer', id: 'not a number' });
      return new Promise(() => undefined);
    case 'print':
      for (let line = 0; line < 100_000; line++) console.error('printed by a parser');
      return 'printed';
    case 'read':
      return (await read(1, 4)).toString();
    case 'read for ever':
      for (;;) await read(0, 1);
    case 'write':
      await write(Buffer.from('ab'));
      await write(Buffer.from('cd'));
      return 'written';
    case 'write and crash':
      await write(Buffer.from('ab'));
      process.exit(3);
      break;
    case 'environment':
      return JSON.stringify(process.env);
    case 'fail':
      throw Object.assign(new Error('no such picture'), { code: 'media_corrupt' });
    case 'fail because':
      throw Object.assign(new Error('no such picture', { cause: new Error('bad byte') }), {
        code: 'media_corrupt',
      });
    case 'fail unforeseen':
      throw new TypeError('of undefined');
  }
  return `${task} ${jobs} by ${process.pid}`;
});
