/** Requests as Google's client for Python sends them (google-cloud-storage 3): it writes booleans and nulls otherwise. */
import type { Bucket } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestStorage, type TestStorage } from '../../support/storage.ts';

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket({
    versioning: { enabled: true },
    softDeletePolicy: { retentionDurationSeconds: 7 * 86_400 },
  });
  for (const content of ['one', 'two']) await bucket.file('a').save(content, { resumable: false });
});
afterAll(() => storage.close());

const ask = (path: string, init?: RequestInit) =>
  fetch(`${storage.endpoint}/storage/v1/b/${bucket.name}${path}`, init);

async function namesAt(query: string): Promise<string[] | number> {
  const response = await ask(`/o?prefix=a&${query}`);
  const { items = [] } = (await response.json()) as { items?: { name: string }[] };
  return response.ok ? items.map(({ name }) => name) : response.status;
}

const compose = (source: object, name = 'composed') =>
  ask(`/o/${name}/compose`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ sourceObjects: [source], destination: {} }),
  });

describe('compose', () => {
  test('a generation that is null is none', async () => {
    const response = await compose({ name: 'a', generation: null });
    expect(response.status).toBe(200);
    expect((await bucket.file('composed').download()).toString()).toBe('two');
  });

  test('preconditions that are null are none', async () => {
    for (const objectPreconditions of [null, {}, { ifGenerationMatch: null }]) {
      expect((await compose({ name: 'a', objectPreconditions })).status).toBe(200);
    }
  });

  test('a generation that is named counts, as a number or as text', async () => {
    const [[oldest]] = await bucket.getFiles({ prefix: 'a', versions: true });
    const generation = Number(oldest?.metadata.generation);
    for (const named of [generation, String(generation)]) {
      expect((await compose({ name: 'a', generation: named })).status).toBe(200);
      expect((await bucket.file('composed').download()).toString()).toBe('one');
    }
    const objectPreconditions = { ifGenerationMatch: String(generation) };
    expect((await compose({ name: 'a', objectPreconditions })).status).toBe(412);
  });

  test.each(['', 'latest', 1.5, true])('a generation that is none is refused: %j', async (text) => {
    expect((await compose({ name: 'a', generation: text })).status).toBe(400);
  });
});

test('a policy of soft delete whose time is null is refused', async () => {
  const body = JSON.stringify({ softDeletePolicy: { retentionDurationSeconds: null } });
  const headers = { 'Content-Type': 'application/json' };
  expect((await ask('', { method: 'PATCH', headers, body })).status).toBe(400);
});

describe('a switch in the address', () => {
  test.each(['true', 'True', 'TRUE'])('is on: %s', async (on) => {
    expect(await namesAt(`versions=${on}`)).toEqual(['a', 'a']);
    expect(await namesAt(`softDeleted=${on}`)).toEqual([]);
  });

  test.each(['false', 'False', ''])('is off: %j', async (off) => {
    expect(await namesAt(`versions=${off}&softDeleted=${off}`)).toEqual(['a']);
    expect(await namesAt(`includeTrailingDelimiter=${off}`)).toEqual(['a']);
  });

  test('is on or off, and nothing else', async () => {
    expect(await namesAt('versions=maybe')).toBe(400);
    expect(await namesAt('softDeleted=maybe')).toBe(400);
  });

  test('that needs a feature that is not here is refused', async () => {
    expect(await namesAt('includeTrailingDelimiter=True')).toBe(501);
  });
});
