/** Searches in a library of many media. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mediaListSchema } from '@media-analysis/shared/search';
import { OperationCounter } from '../../bench/lib/operations.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import { shelve } from '../support/library.ts';
import {
  addressOf,
  DECOYS,
  isFound,
  libraryOf,
  MOST_READS,
  SEARCHES,
} from '../support/searches.ts';
import { client, type Stack, startStack, tokenOf } from '../support/stack.ts';

/** The tests of a search in a library of `count` media. */
export function searchesIn(count: number): void {
  const counter = new OperationCounter();
  let stack: Stack;
  let alice: ReturnType<typeof client>;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const { host, port, ...service } = await startFirestore({
      interceptors: [counter.interceptor],
    });
    process.env.FIRESTORE_EMULATOR_HOST = `${host}:${port}`;
    // A sweep reads media too.
    stack = await startStack({ sweepIntervalMs: 24 * 3_600_000 });
    const { GOOGLE_CLOUD_PROJECT: projectId = '' } = stack.environment;
    const db = new Firestore({ projectId, host: `${host}:${port}`, ssl: false });
    await shelve(db, 'alice', libraryOf(count));
    await shelve(db, 'mallory', DECOYS);
    alice = client(stack, await tokenOf(stack, 'alice'));
    close = async () => {
      await db.terminate();
      await stack.close();
      await service.close();
    };
  });
  afterAll(() => {
    delete process.env.FIRESTORE_EMULATOR_HOST;
    return close();
  });

  test.each(SEARCHES)(
    '$name: the right one is in the first three, only one’s own, with few reads',
    async (search) => {
      const { result, operations } = await counter.during(() => alice.call(addressOf(search)));
      const { media, total } = mediaListSchema.parse(await result.json());
      // Of words that most media have, only some of the media were compared.
      if (search.query.q) expect(total === undefined).toBe(search.isOfMost === true);
      const titles = media.slice(0, 3).map(({ analytics }) => analytics?.title);
      expect([titles, isFound(search, titles)]).toEqual([titles, true]);
      expect(media.filter(({ id }) => !id.startsWith('alice'))).toEqual([]);
      expect(operations.reads).toBeLessThanOrEqual(MOST_READS);
    },
  );
}
