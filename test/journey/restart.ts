/** What `restart.local.long.test.ts` and `killed.local.long.test.ts` share: nothing is lost by a restart of `npm start`. */
import { expect } from '@jest/globals';
import { client, file, tokenOf } from '../support/stack.ts';
import type { StartedStack } from '../support/started.ts';

/** @param restart Ends the one that runs, and starts another one on the same data. */
export async function expectNothingLost(
  before: StartedStack,
  owner: string,
  restart: () => Promise<StartedStack>,
): Promise<void> {
  const token = await tokenOf(before, owner);
  const done = await client(before, token).analyze([await file('02-cat.png')]);
  const [known] = await client(before, token).results(done.media_ids);
  // Accepted, and the whole machine goes before anything came of it.
  const unfinished = await client(before, token).analyze([
    await file('05-dogs.jpg'),
    await file('06-osprey.jpg'),
  ]);

  const after = await restart();
  // The token of before is still good: the issuer's keys are kept too.
  const user = client(after, token);
  expect(await user.get(done.media_ids[0] ?? '')).toEqual(known);
  const content = await user.call(`/api/media/${done.media_ids[0]}/content`);
  const bytes = Buffer.from(
    await (await fetch(content.headers.get('location') ?? '')).arrayBuffer(),
  );
  expect(bytes.equals(Buffer.from(await (await file('02-cat.png')).arrayBuffer()))).toBe(true);
  const results = await user.results(unfinished.media_ids);
  expect(results.map((media) => media?.status)).toEqual(['completed', 'completed']);
  // What was found out before is still known, and what it cost.
  const again = await user.analyze([await file('02-cat.png')]);
  expect(await user.results(again.media_ids)).toMatchObject([
    { analytics: known?.analytics, usage: { cached: true, attempts: 0 } },
  ]);
  const usage = await (await user.call('/api/usage')).json();
  expect(usage).toMatchObject({ items: 4, cached: 1 });
}
