/** Where media were taken, for a map: those that tell it, page by page, the newest first, and only one's own. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { problemSchema } from '@media-analysis/shared/errors';
import { locationListSchema } from '@media-analysis/shared/library';
import { shelve } from '../support/library.ts';
import { photoAt } from '../support/located.ts';
import { client, databaseOf, type Stack, startStack, tokenOf } from '../support/stack.ts';

const PARIS = { latitude: 48.8606, longitude: 2.3376 };
const TOKYO = { latitude: 35.6586, longitude: 139.7454 };

let stack: Stack;
let db: Firestore;
let alice: ReturnType<typeof client>;
let ids: string[];

beforeAll(async () => {
  stack = await startStack({ environment: { CAPTURE_LOCATION: 'on' } });
  db = databaseOf(stack);
  ids = await shelve(db, 'alice', [
    { title: 'Louvre', place: PARIS },
    { title: 'Screenshot' },
    { title: 'Tower', place: TOKYO },
  ]);
  await shelve(db, 'mallory', [{ title: 'Elsewhere', place: PARIS }]);
  alice = client(stack, await tokenOf(stack, 'alice'));
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
});

async function listed(query = '') {
  const answer = await alice.call(`/api/media/locations${query}`);
  expect(answer.status).toBe(200);
  return locationListSchema.parse(await answer.json());
}

test('one’s own media with a place, the newest first, page by page', async () => {
  const [paris = '', , tokyo = ''] = ids;
  const tower = { media_id: tokyo, ...TOKYO };
  const louvre = { media_id: paris, ...PARIS };
  expect(await listed()).toEqual({ locations: [tower, louvre] });
  const first = await listed('?limit=1');
  expect(first.locations).toEqual([tower]);
  const second = await listed(`?limit=1&page_token=${first.next_page_token}`);
  expect(second).toEqual({ locations: [louvre] });
});

test('a photo is there as soon as it is stored, and not while it is in the bin', async () => {
  const { media_ids } = await alice.analyze([await photoAt('louvre.jpg', PARIS)]);
  const [id = ''] = media_ids;
  await alice.results([id]);
  const { locations } = await listed();
  expect(locations[0]?.media_id).toBe(id);
  expect(locations[0]?.latitude).toBeCloseTo(PARIS.latitude, 3);
  await alice.call(`/api/media/${id}`, { method: 'DELETE' });
  expect((await listed()).locations).toHaveLength(2);
  await alice.call(`/api/media/${id}/restore`, { method: 'POST' });
  expect((await listed()).locations).toHaveLength(3);
});

test.each(['?limit=0', '?limit=1001', '?page_token=x', '?kind=image'])(
  '%s is refused',
  async (query) => {
    const answer = await alice.call(`/api/media/locations${query}`);
    expect(answer.status).toBe(400);
    expect(problemSchema.parse(await answer.json()).code).toBe('invalid_request');
  },
);

test('nobody without a token is answered', async () => {
  expect((await client(stack, 'none').call('/api/media/locations')).status).toBe(401);
});
