/** What is known of many media as a file, and their originals in one archive: through the real door, with real programs. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { problemSchema } from '@media-analysis/shared/errors';
import { type Media, mediaSchema } from '@media-analysis/shared/media';
import { shelve } from '../support/library.ts';
import {
  client,
  databaseOf,
  eventually,
  file,
  photo,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';
import { clientFor } from '../support/storage.ts';

const run = promisify(execFile);

let stack: Stack;
let db: Firestore;
let alice: ReturnType<typeof client>;
beforeAll(async () => {
  stack = await startStack();
  db = databaseOf(stack);
  alice = client(stack, await tokenOf(stack, 'alice'));
  const many = Array.from({ length: 230 }, (_, n) => ({ title: `Photo ${n}`, tags: ['many'] }));
  const evil = { title: '=HYPERLINK("http://evil.example")', tags: ['evil'], text: '駅前, "x"' };
  await shelve(db, 'alice', [evil, ...many]);
  await shelve(db, 'mallory', [{ title: 'Hers', tags: ['many'] }]);
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
});

const exported = (query: string, user = alice) => user.call(`/api/media/export?${query}`);
const post = (path: string, body: unknown, user = alice) =>
  user.call(`/api/media/${path}`, { method: 'POST', body: JSON.stringify(body) });

describe('an export', () => {
  test('is of all pages, each media once, and of nobody else’s', async () => {
    const response = await exported('format=ndjson');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="media-\d{4}-\d\d-\d\d\.ndjson"$/,
    );
    const lines = (await response.text()).trimEnd().split('\n');
    const media = lines.map((line) => mediaSchema.parse(JSON.parse(line)));
    expect(new Set(media.map(({ id }) => id)).size).toBe(231);
    expect(media.at(-1)?.analytics?.title).toMatch(/^=HYPERLINK/);
    expect(media.map(({ analytics }) => analytics?.title)).not.toContain('Hers');
  });

  test('as JSON is one text, also of nothing', async () => {
    const all = (await (await exported('format=json&tag=many')).json()) as { media: Media[] };
    expect(all.media).toHaveLength(230);
    expect(await (await exported('format=json&q=zeppelin')).json()).toEqual({ media: [] });
  });

  test('as a table is understood by spreadsheets, and carries no formula', async () => {
    const bytes = Buffer.from(await (await exported('tag=evil')).arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [head = '', row = '', ...more] = bytes.subarray(3).toString().split('\r\n');
    expect(head).toMatch(/^id,file_name,.*,title,summary,tags,/);
    expect(row).toContain(`,"'=HYPERLINK(""http://evil.example"")",`);
    expect(row).toContain(',"駅前, ""x""",');
    expect(more).toEqual(['']);
  });

  test('is of the media that are named', async () => {
    const response = await post('export', {
      ids: ['alicex3', 'malloryx0', 'alicex5'],
      format: 'json',
    });
    const { media } = (await response.json()) as { media: Media[] };
    expect(media.map(({ id }) => id)).toEqual(['alicex3', 'alicex5']);
  });

  test.each(['format=xls', 'kind=none', 'limit=5', 'sort=relevance'])(
    '%s is refused',
    async (query) => {
      const response = await exported(query);
      expect(response.status).toBe(400);
      expect(problemSchema.parse(await response.json()).code).toBe('invalid_request');
    },
  );
});

describe('a download', () => {
  const names = ['02-cat.png', '05-dogs.jpg', '02-cat.png'];
  let ids: string[];
  beforeAll(async () => {
    ids = (await alice.analyze(await Promise.all(names.map(file)))).media_ids;
    await eventually(async () => {
      const media = await Promise.all(ids.map((id) => alice.get(id)));
      return media.every(({ status }) => status === 'completed') || undefined;
    });
  });

  async function unpacked(response: Response): Promise<Record<string, Buffer>> {
    const folder = await mkdtemp(join(tmpdir(), 'download-'));
    try {
      await writeFile(join(folder, 'a.zip'), Buffer.from(await response.arrayBuffer()));
      await run('unzip', [join(folder, 'a.zip'), '-d', join(folder, 'out')]);
      const found = await readdir(join(folder, 'out'));
      const read = found.map(async (name) => [name, await readFile(join(folder, 'out', name))]);
      return Object.fromEntries(await Promise.all(read));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test('has the originals byte for byte, each with a name of its own, and says what is missing', async () => {
    const response = await post('download', { ids: [...ids, 'alicex1'] });
    expect(response.headers.get('content-type')).toBe('application/zip');
    const all = await unpacked(response);
    expect(Object.keys(all).sort()).toEqual([
      '02-cat (2).png',
      '02-cat.png',
      '05-dogs.jpg',
      'not in this archive.txt',
    ]);
    for (const name of new Set(names)) expect(all[name]).toEqual(await readFile(photo(name)));
    expect(String(all['not in this archive.txt'])).toContain('"alicex1.jpg" is not stored.');
  });

  test('of nobody else’s, or of nothing that is stored, is refused', async () => {
    const mallory = client(stack, await tokenOf(stack, 'mallory'));
    expect((await post('download', { ids }, mallory)).status).toBe(404);
    const response = await post('download', { ids: ['alicex1'] });
    expect(response.status).toBe(409);
    expect(problemSchema.parse(await response.json()).detail).toBe('"alicex1.jpg" is not stored.');
  });

  test('says how much is too much', async () => {
    await db.doc(`media/${ids[1]}`).update({ size: 1_200_000_000 });
    const response = await post('download', { ids });
    expect(response.status).toBe(413);
    expect(problemSchema.parse(await response.json()).detail).toBe(
      'These 3 files have 1.1 GiB together, and one download may have 1 GiB. Choose fewer of them.',
    );
    expect((await post('download', { ids: Array(501).fill('a') })).status).toBe(400);
    await db.doc(`media/${ids[1]}`).update({ size: (await readFile(photo('05-dogs.jpg'))).length });
  });

  test('breaks off if a file is gone in the middle, so that half an archive looks like none', async () => {
    const { STORAGE_EMULATOR_HOST: host = '', MEDIA_BUCKET = '' } = stack.environment;
    await clientFor(host).bucket(MEDIA_BUCKET).file(`${ids[2]}/original`).delete();
    const response = await post('download', { ids });
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });
});
