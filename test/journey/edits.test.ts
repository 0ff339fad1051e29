/** A title, summary and tags of one's own: shown, found, kept through another analysis, and taken back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { problemSchema } from '@media-analysis/shared/errors';
import { mediaSchema } from '@media-analysis/shared/media';
import { mediaListSchema } from '@media-analysis/shared/search';
import { client, file, type Stack, startStack, tokenOf } from '../support/stack.ts';

let stack: Stack;
let alice: ReturnType<typeof client>;
let id: string;
beforeAll(async () => {
  stack = await startStack();
  alice = client(stack, await tokenOf(stack, 'alice'));
  const { media_ids } = await alice.analyze([await file('02-cat.png')]);
  await alice.results(media_ids);
  id = media_ids[0] ?? '';
});
afterAll(() => stack.close());

const patch = (body: unknown, who = alice) =>
  who.call(`/api/media/${id}`, { method: 'PATCH', body: JSON.stringify(body) });
const allFound = () => Promise.all(['zeppelin', 'barge', '飛行船'].map(found));
async function found(q: string): Promise<number> {
  const response = await alice.call(`/api/media?${new URLSearchParams({ q })}`);
  return mediaListSchema.parse(await response.json()).media.length;
}

test('is shown and found, stays through another analysis and the bin, and null brings the model’s back', async () => {
  const { analytics: made, revision } = await alice.get(id);
  const [title, summary, tags] = ['Grandmother’s zeppelin', 'It is on a barge.', ['飛行船']];
  const response = await patch({ title: ` ${title} `, summary, tags: [...tags, ...tags] });
  expect(response.status).toBe(200);
  const edits = { title, summary, tags };
  const edited = mediaSchema.parse(await response.json());
  expect(edited).toMatchObject({ edits, analytics: { ...made, ...edits } });
  expect(edited.revision).toBe(revision + 1);
  expect(await allFound()).toEqual([1, 1, 1]);
  const csv = await (await alice.call('/api/media/export?format=csv')).text();
  expect(csv).toContain('It is on a barge.');

  await alice.call(`/api/media/${id}/analyses/describe`, { method: 'POST' });
  await alice.results([id]);
  expect(await alice.get(id)).toMatchObject({ attempts: 2, edits, analytics: edits });
  await alice.call(`/api/media/${id}`, { method: 'DELETE' });
  await alice.call(`/api/media/${id}/restore`, { method: 'POST' });
  expect(await alice.get(id)).toMatchObject({ edits, analytics: edits });
  expect(await allFound()).toEqual([1, 1, 1]);

  const half = mediaSchema.parse(await (await patch({ title: null })).json());
  expect(half).toMatchObject({ edits: { summary, tags }, analytics: { title: made?.title } });
  expect(await allFound()).toEqual([0, 1, 1]);
  const none = mediaSchema.parse(await (await patch({ summary: null, tags: null })).json());
  expect(none.edits).toBeUndefined();
  expect(none.analytics).toEqual(made);
});

test('is not copied to another photo with the same bytes', async () => {
  await patch({ title: 'Mine' });
  const named = new File([await file('02-cat.png')], 'copy.png', { type: 'image/png' });
  const { media_ids } = await alice.analyze([named]);
  const [copy] = await alice.results(media_ids);
  expect(copy?.usage?.cached).toBe(true);
  expect(copy?.same_as).toBe(id);
  expect(copy?.edits).toBeUndefined();
  // Nothing is known of this photo but its name, and the copy has its own.
  expect(copy?.analytics?.title).toBe('copy.png');
});

test.each([
  [
    {},
    'title: is missing, and so are "summary", "tags", "metadata" and "external_id": say one of them',
  ],
  [{ title: '  ' }, 'title: '],
  [{ title: 'x'.repeat(201) }, 'title: must have at most 200 characters'],
  [{ summary: 'x'.repeat(2_001) }, 'summary: must have at most 2000 characters'],
  [{ tags: Array.from({ length: 31 }, (_, n) => `t${n}`) }, 'tags: must have at most 30 entries'],
  [{ tags: ['x'.repeat(61)] }, 'tags.0: must have at most 60 characters'],
  [{ tags: 'dog' }, 'tags: must be a list'],
  [{ title: 'a', mood: 'b' }, 'mood'],
])('%j is refused in plain words', async (body, words) => {
  const response = await patch(body);
  expect(response.status).toBe(400);
  expect(problemSchema.parse(await response.json()).detail).toContain(words);
});

test('another owner edits nothing', async () => {
  const mallory = client(stack, await tokenOf(stack, 'mallory'));
  expect((await patch({ title: 'Hers' }, mallory)).status).toBe(404);
});
