import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore } from '../../../test/support/firestore.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { exportOwner, type OwnerDeps } from './owner.ts';

const { db } = await openFirestore();

const folder = mkdtempSync(join(tmpdir(), 'export-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the frames that came with a video are exported with it', async () => {
  const list = [1, 2].map((size) => ({ time_s: size, size, colors: [] }));
  const object = 'v1/original';
  const video = mediaRecord({ id: 'v1', object, frames: { sha256: '', list } });
  const stored: Record<string, string> = { [object]: 'abc', 'v1/frames': 'xyy' };
  const deps = {
    ...openMedia(db),
    firestore: db,
    objects: {
      readMediaPart: async (name: string, { start, end }: { start: number; end: number }) => {
        const bytes = Buffer.from(stored[name] ?? '').subarray(start, end);
        return { bytes, size: bytes.length };
      },
    },
  } as unknown as OwnerDeps;
  await db.doc('media/v1').set(video);
  const exported = join(folder, 'frames');
  await exportOwner('alice', exported, deps);
  const contentOf = (name: string) => readFileSync(join(exported, 'files', name), 'utf8');
  expect(['v1.jpg', 'v1-frame-1.jpg', 'v1-frame-2.jpg'].map(contentOf)).toEqual(['abc', 'x', 'yy']);
});

test('a file that cannot be read does not stop the export of the others', async () => {
  const records = ['damaged', 'good', 'gone'].map((id) =>
    mediaRecord({ id, owner_id: 'bob', object: `${id}/original` }),
  );
  const deps = {
    ...openMedia(db),
    firestore: db,
    objects: {
      readMediaPart: async (name: string) => {
        if (name.startsWith('damaged')) throw new Error('The stored bytes are damaged.');
        return name.startsWith('gone') ? undefined : { bytes: Buffer.from('abc'), size: 3 };
      },
    },
  } as unknown as OwnerDeps;
  for (const record of records) await db.doc(`media/${record.id}`).set(record);
  const { media, missing } = await exportOwner('bob', folder, deps);
  expect(media).toBe(3);
  // Media of the same time are sorted by id, the last one first.
  const named = [
    { id: 'gone', why: expect.stringContaining('not in the bucket') },
    { id: 'damaged', why: expect.stringContaining('damaged') },
  ];
  expect(missing).toMatchObject(named);
  const written = JSON.parse(readFileSync(join(folder, 'media.json'), 'utf8'));
  expect(written).toMatchObject({ media: [{}, {}, {}], missing: named });
  expect(readdirSync(join(folder, 'files'))).toEqual(['good.jpg']);
});
