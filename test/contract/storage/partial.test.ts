import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, type TestStorage } from '../../support/storage.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = await openTestStorage();
});
afterAll(() => storage.close());

// https://cloud.google.com/storage/docs/json_api#partial-response
test('an answer has the fields that were asked for, and no others', async () => {
  const bucket = await storage.createBucket();
  await bucket.file('a').save('1');
  await bucket.file('b').save('22', { metadata: { metadata: { owner: 'o', note: 'n' } } });
  const ask = async (path: string, fields: string) => {
    const url = `${storage.endpoint}/storage/v1/b/${bucket.name}${path}?fields=${fields}`;
    return (await fetch(url)).json();
  };
  expect(await ask('/o', 'items(name,size)')).toEqual({
    items: [
      { name: 'a', size: '1' },
      { name: 'b', size: '2' },
    ],
  });
  expect(await ask('/o/b', 'metadata/owner')).toEqual({ metadata: { owner: 'o' } });
  expect(await ask('', 'name')).toEqual({ name: bucket.name });
  const [names] = await bucket.getFiles({ fields: 'items(name)' });
  expect(names).toEqual([{ name: 'a' }, { name: 'b' }]);
});

test('a selection that is none is refused before anything is done', async () => {
  const bucket = await storage.createBucket();
  const file = bucket.file('x');
  await file.save('x');
  const url = `${storage.endpoint}/storage/v1/b/${bucket.name}/o/x`;
  const response = await fetch(`${url}?fields=items(name`, { method: 'DELETE' });
  expect(response.status).toBe(400);
  await response.text();
  expect(await file.exists()).toEqual([true]);
});
