import { expect, test } from '@jest/globals';
import type { MediaClient } from '../../client/index.ts';
import { foundBy } from './again-scope.ts';

/** Finds so many media, by pages as large as they are asked for. */
function clientWith(count: number) {
  const asked: unknown[] = [];
  const search = async (filters: unknown, { limit = 24, pageToken = '0' } = {}) => {
    asked.push(filters);
    const [start, end] = [Number(pageToken), Math.min(count, Number(pageToken) + limit)];
    const media = Array.from({ length: end - start }, (_, n) => ({ id: `m${start + n}` }));
    return { media, next_page_token: end < count ? String(end) : undefined };
  };
  return { asked, client: { search } as unknown as Pick<MediaClient, 'search'> };
}

test.each([
  [24, 24, 1],
  [250, 250, 3],
  [1_000, 1_000, 10],
  [1_001, 1_000, 10],
])('of %i found ones %i are meant, in %i requests', async (count, meant, requests) => {
  const { asked, client } = clientWith(count);
  expect(await foundBy(client, { q: 'cat' })).toHaveLength(meant);
  expect(asked).toEqual(Array.from({ length: requests }, () => ({ q: 'cat' })));
});

test('what finds nothing any more is said, and not asked for', async () => {
  const found = foundBy(clientWith(0).client, { q: 'cat' });
  await expect(found).rejects.toMatchObject({ code: 'not_found' });
});
