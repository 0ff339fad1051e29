/** The TypeScript client as a backend uses it: with a service key for several users. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createMediaClient } from '../../web/src/client/index.ts';
import { fileFrom } from '../../web/src/client/node.ts';
import { makePicture } from '../faults/user.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { type Backend, openBackend } from './imports.ts';

let stack: Stack;
let backend: Backend;
beforeAll(async () => {
  stack = await startStack();
  backend = await openBackend(stack);
});
afterAll(async () => {
  await backend.close();
  await stack.close();
});

test('a backend sends files of a user in pieces, waits for all of them, and sees no other user’s', async () => {
  const { file: large } = await makePicture(1, 1);
  const { file: small } = await makePicture(1, 2);
  const service = createMediaClient({
    baseUrl: stack.url,
    serviceKey: backend.keys.all,
    limits: { maxFileBytes: 1 },
  });
  const alice = service.onBehalfOf('alice');
  const { media_ids } = await alice.analyze([
    await fileFrom(large.stream(), 'large.png'),
    await fileFrom(new Uint8Array(await small.arrayBuffer()), 'small.png'),
  ]);
  const media = await alice.waitFor(media_ids, { timeoutMs: 60_000 });
  expect(media.map(({ file_name, status }) => [file_name, status])).toEqual([
    ['large.png', 'completed'],
    ['small.png', 'completed'],
  ]);
  const bob = service.onBehalfOf('bob');
  expect((await bob.list()).media).toEqual([]);
  await expect(bob.waitFor(media_ids)).rejects.toMatchObject({ code: 'not_found' });
  await expect(service.list()).rejects.toMatchObject({ name: 'MediaClientError' });
});
