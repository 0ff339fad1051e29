/** What `small.test.ts` and `small.long.test.ts` share. */
import { expect } from '@jest/globals';
import { STRICT } from '../../local/front/modes.ts';
import { currentPage } from '../support/page.ts';
import { client, file, mediaOf, type Stack, startStack } from '../support/stack.ts';

/** The shape `small`. One stream makes an instance full. */
export async function startSmall(): Promise<Stack> {
  await currentPage();
  const environment = { MAX_STREAMS_PER_INSTANCE: '1' };
  return startStack({ shape: 'small', mode: STRICT, environment });
}

/** They go from upload to analysis, and the stream tells of each. */
export async function expectBatch(stack: Stack, photos: string[]): Promise<void> {
  const user = client(stack);
  const { media_ids } = await user.analyze(await Promise.all(photos.map(file)));
  const last = new Map(mediaOf(await user.watch(media_ids)).map((media) => [media.id, media]));
  expect(media_ids.map((id) => last.get(id)?.status)).toEqual(photos.map(() => 'completed'));
}
