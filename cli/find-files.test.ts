import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findFiles } from './find-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-analysis-find-'));
  await mkdir(join(folder, 'photos', 'deep', '.git'), { recursive: true });
  for (const name of ['10.jpg', '9.JPG', 'deep/a.mov', 'deep/.git/b.png', 'c.txt', 'LICENSE']) {
    await writeFile(join(folder, 'photos', name), name);
  }
  // Windows lets only some users make links.
  await symlink('..', join(folder, 'photos', 'up')).catch(() => undefined);
});
afterAll(() => rm(folder, { recursive: true }));

const native = (path: string) => path.split('/').join(sep);

test('a folder stands for its photos and videos, in the order of their names; the others are named', async () => {
  const { files, skipped } = await findFiles(['photos'], folder);
  expect(files.map(({ path }) => path)).toEqual(
    ['photos/9.JPG', 'photos/10.jpg', 'photos/deep/a.mov'].map(native),
  );
  const named = skipped.map(({ path, why }) => `${path}: ${why}`);
  expect(named).toContain(`${native('photos/c.txt')}: no photo or video that is taken`);
  expect(named).toContain(`${native('photos/LICENSE')}: no photo or video that is taken`);
  expect(named).toContain(`${native('photos/deep/.git')}: hidden`);
  expect(files[0]?.file.size).toBe('9.JPG'.length);
});

test('a folder that nobody may read, and a file that is gone, are named, and the others are sent', async () => {
  const gone = {
    name: 'gone.jpg',
    isDirectory: () => false,
    isFile: () => true,
    isSymbolicLink: () => false,
  };
  const list = async (path: string) => {
    if (path.endsWith('deep')) throw new Error('EACCES: permission denied');
    return [...(await readdir(path, { withFileTypes: true })), gone];
  };
  const { files, skipped } = await findFiles(['photos'], folder, { list });
  expect(files.map(({ file }) => file.name)).toEqual(['9.JPG', '10.jpg']);
  const closed = skipped.flatMap(({ path, isClosed }) => (isClosed ? [path] : []));
  expect(closed.toSorted()).toEqual(['photos/deep', 'photos/gone.jpg'].map(native));
  await expect(findFiles(['photos/deep'], folder, { list })).rejects.toThrow('cannot be read');
});

test('what is named twice is sent once, and what is named by itself is sent whatever it is', async () => {
  const paths = ['photos/c.txt', 'photos/10.jpg', './photos/10.jpg', 'photos'].map(native);
  const { files } = await findFiles(paths, folder);
  expect(files.map(({ file }) => file.name)).toEqual(['c.txt', '10.jpg', '9.JPG', 'a.mov']);
});

test('a path that leads nowhere is named', async () => {
  await expect(findFiles(['photos', 'fotos'], folder)).rejects.toThrow('fotos does not exist.');
});
