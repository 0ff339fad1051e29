import { expect, test } from '@jest/globals';
import { media } from '../client/testing.ts';
import { type LoadPage, readPages } from './use-pages.ts';

/** A service that gives at most a hundred media a request, and records its requests. */
function serve(count: number) {
  const asked: (string | undefined)[] = [];
  const load: LoadPage = async ({ pageToken, limit = 24 }) => {
    asked.push(pageToken);
    const start = Number(pageToken ?? 0);
    const end = Math.min(count, start + Math.min(100, limit));
    const page = Array.from({ length: end - start }, (_, n) => media(`m${start + n}`));
    return { media: page, next_page_token: end < count ? String(end) : undefined };
  };
  return { asked, load };
}
const { signal } = new AbortController();

test('a list of more than a page is read anew as far as it was', async () => {
  const { asked, load } = serve(400);
  const { media: found, next_page_token } = await readPages(load, { signal, limit: 100 }, 224);
  expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, n) => `m${n}`));
  expect(next_page_token).toBe('300');
  expect(asked).toEqual([undefined, '100', '200']);
});

test('it ends where the service has no more, and one page is one request', async () => {
  const { asked, load } = serve(130);
  expect((await readPages(load, { signal, limit: 100 }, 224)).media).toHaveLength(130);
  expect(asked).toEqual([undefined, '100']);
  expect((await readPages(load, { signal, pageToken: '100', limit: 24 }, 0)).media).toHaveLength(
    24,
  );
  expect(asked).toEqual([undefined, '100', '100']);
});
