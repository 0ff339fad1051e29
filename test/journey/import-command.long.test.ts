/** `media-analysis import`: the command as a person runs it, against the whole product. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { importSchema } from '@media-analysis/shared/imports';
import { outcomeOf } from '../support/child-outcome.ts';
import { endWithUs } from '../support/end-with-us.ts';
import { needing } from '../support/needing.ts';
import { type Stack, startStack } from '../support/stack.ts';
import {
  type Backend,
  bucketOf,
  fillBucket,
  listImports,
  mediaOf,
  openBackend,
} from './imports.ts';

const COMMAND = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const SHOP = 'command-photos';

let stack: Stack;
let backend: Backend;
beforeAll(async () => {
  stack = await startStack({ environment: { IMPORT_BUCKETS: SHOP } });
  backend = await openBackend(stack);
});
afterAll(async () => {
  await backend.close();
  await stack.close();
});

function start(user: string, args: string[], key = backend.keys.all) {
  const by = ['--on-behalf-of', user, '--url', stack.url];
  return endWithUs(
    spawn(process.execPath, [COMMAND, 'import', ...args, ...by], {
      env: { ...process.env, MEDIA_ANALYSIS_TOKEN: '', MEDIA_ANALYSIS_KEY: key },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

const run = (...args: Parameters<typeof start>) => outcomeOf(start(...args));

test('a bucket is imported, lines say how far it is, and what failed is named with its reason', async () => {
  await fillBucket(bucketOf(stack, SHOP), 'a/', 3, 1);
  await bucketOf(stack, SHOP).file('a/notes.pdf').save('notes', { resumable: false });
  const { out, errors, code } = await run('alice', [
    `gs://${SHOP}/a/`,
    '--in-place',
    '--language',
    'ja',
  ]);
  expect(out).toMatch(/^failed a\/notes\.pdf: "notes\.pdf" is .*\(unsupported_media_type\)\n$/);
  expect(errors).toMatch(/^Import \w+, running: \d of \d done/m);
  expect(errors).toMatch(/^Import \w+, completed: 3 of 4 done, 1 failed\.\n$/m);
  expect(errors).not.toContain('█');
  expect(code).toBe(1);
  const media = await mediaOf(backend, 'alice');
  expect(media.map(({ language, source }) => [language, source?.in_place])).toEqual(
    Array.from({ length: 3 }, () => ['ja', true]),
  );
});

test('without waiting it tells the id, by which it is looked at again', async () => {
  await fillBucket(bucketOf(stack, SHOP), 'b/', 2, 2);
  const begun = await run('bob', [`gs://${SHOP}/b/`, '--no-wait', '--json']);
  const { id, state } = importSchema.parse(JSON.parse(begun.out));
  expect({ state, code: begun.code }).toEqual({ state: 'running', code: 0 });
  expect(begun.errors).toContain(`media-analysis import ${id},`);
  const again = await run('bob', [id, '--json']);
  expect(JSON.parse(again.out)).toMatchObject({ id, state: 'completed', done: 2, failed: 0 });
  expect(again.code).toBe(0);
  const stranger = await run('mallory', [id]);
  expect(stranger).toMatchObject({ out: '', errors: expect.stringContaining(id), code: 1 });
});

needing('signals')(
  'Ctrl-C leaves it going, and says how to look again and how to end it',
  async () => {
    await fillBucket(bucketOf(stack, SHOP), 'c/', 40, 3);
    const child = start('carol', [`gs://${SHOP}/c/`]);
    child.stderr.once('data', () => child.kill('SIGINT'));
    const { errors, code } = await outcomeOf(child);
    const id = /media-analysis import (\w+),.*--cancel/.exec(errors)?.[1] ?? '';
    expect({ code, isToldHow: id !== '' }).toEqual({ code: 130, isToldHow: true });
    const [left] = await listImports(backend.as('carol'));
    expect(left).toMatchObject({ id, state: 'running' });
    const { out, code: cancelled } = await run('carol', [id, '--cancel', '--json']);
    expect([JSON.parse(out), cancelled]).toMatchObject([{ id, state: 'cancelled' }, 0]);
    const ended = await run('carol', [id]);
    expect([ended.errors, ended.code]).toEqual([expect.stringContaining('cancelled'), 1]);
  },
);

test('what the service refuses is said in its words', async () => {
  const other = await run('dora', ['gs://another-bucket/']);
  expect(other).toMatchObject({
    out: '',
    errors: expect.stringContaining('IMPORT_BUCKETS'),
    code: 1,
  });
  const reader = await run('dora', [`gs://${SHOP}/`], backend.keys.reader);
  expect(reader).toMatchObject({ out: '', errors: expect.stringContaining('"write"'), code: 1 });
});
