import { execFileSync } from 'node:child_process';
import {
  copyFile,
  type FileHandle,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NamedFolders } from './checked-files.ts';
import { findFiles } from './find-files.ts';

const CAT = fileURLToPath(new URL('../test/photos/02-cat.png', import.meta.url));

let base: string;
let named: NamedFolders;
const opened: FileHandle[] = [];
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'media-analysis-checked-')));
  for (const folder of ['photos/deep', 'photos2', 'private']) {
    await mkdir(join(base, folder), { recursive: true });
  }
  for (const path of [
    'photos/cat.png',
    'photos/deep/cat.dat',
    'photos2/cat.png',
    'private/cat.png',
  ]) {
    await copyFile(CAT, join(base, path));
  }
  await writeFile(join(base, 'photos/passwd.jpg'), 'root:x:0:0:root:/root:/bin/bash\n');
  await writeFile(join(base, 'private/secret'), 'secret');
  await symlink('../private', join(base, 'photos/way-out'));
  await symlink('../private/cat.png', join(base, 'photos/out.png'));
  await symlink('deep/cat.dat', join(base, 'photos/in.png'));
  execFileSync('mkfifo', [join(base, 'photos/pipe.jpg')]);
  named = await NamedFolders.from(['photos'], base);
});
afterAll(async () => {
  await Promise.all(opened.map((handle) => handle.close()));
  await rm(base, { recursive: true });
});

const find = (...paths: string[]) =>
  findFiles(paths, base, { open: (place) => named.open(place, opened) });

test.each([
  'photos2/cat.png',
  'photos/../private/cat.png',
  'photos/out.png',
  'photos/way-out/cat.png',
  'photos/way-out',
  'private',
  '.',
  '/etc/passwd',
  '/dev/zero',
])('a path out of the folders is refused: %s', async (path) => {
  await expect(named.check(path, base)).rejects.toThrow(
    `${path} is not in a folder whose files may be sent: ${join(base, 'photos')}`,
  );
});

test('whether something outside exists is not told', async () => {
  const wordsOf = (path: string) =>
    named.check(path, base).catch(({ message }: Error) => message.replace(path, 'PATH'));
  expect(await wordsOf('private/none')).toBe(await wordsOf('private/secret'));
});

test('with no folder named nothing may be sent, and the words say what to do', async () => {
  const none = await NamedFolders.from([], base);
  await expect(none.check('photos/cat.png', base)).rejects.toThrow('media-analysis mcp FOLDER');
});

test.each(['none', 'photos/cat.png'])('what is no folder cannot be named: %s', async (path) => {
  await expect(NamedFolders.from([path], base)).rejects.toThrow(`mcp ${path}: there is no such`);
});

test('photos are taken by their bytes, whatever their names are, also by a link that stays inside', async () => {
  for (const path of ['photos/cat.png', 'photos/deep/cat.dat', 'photos/in.png', 'photos']) {
    await expect(named.check(path, base)).resolves.toBeUndefined();
  }
  const { files } = await find('photos/cat.png', 'photos/in.png');
  expect(files.map(({ path }) => path)).toEqual(['photos/cat.png', 'photos/in.png']);
});

test('what is no photo by its bytes is refused if it is named, and left out of its folder', async () => {
  await expect(find('photos/passwd.jpg')).rejects.toThrow(
    'photos/passwd.jpg: its bytes are no photo',
  );
  const { files, skipped } = await find('photos');
  expect(files.map(({ path }) => path)).toEqual([join('photos', 'cat.png')]);
  const why = Object.fromEntries(skipped.map((each) => [each.path, each.why]));
  expect(why['photos/passwd.jpg']).toContain('its bytes are no photo');
  expect(why['photos/out.png']).toBe('a link');
  expect(why['photos/pipe.jpg']).toBe('no file');
});

test('a pipe is not waited for', async () => {
  await expect(find('photos/pipe.jpg')).rejects.toThrow('neither a file nor a folder');
  const pipe = join(base, 'photos/pipe.jpg');
  expect(await named.open(pipe, opened)).toEqual({ why: 'it is no file' });
});

test('a folder that becomes a way out after the check leads nowhere', async () => {
  await named.check('photos/deep/cat.dat', base);
  await rename(join(base, 'photos/deep'), join(base, 'photos/before'));
  await symlink('../private', join(base, 'photos/deep'));
  await copyFile(CAT, join(base, 'private/cat.dat'));
  const { why } = Object(await named.open(join(base, 'photos/deep/cat.dat'), opened));
  expect(why).toContain('not in a folder');
});

test('a file that is put in the place of a checked one is not sent: its bytes are the checked ones', async () => {
  const place = join(base, 'photos/swapped.png');
  await copyFile(CAT, place);
  await symlink('../private/secret', join(base, 'photos/next'));
  // In a process of its own: Node 24 keeps a file open after it has read a Blob of it.
  const script = `
    import { renameSync } from 'node:fs';
    import { buffer } from 'node:stream/consumers';
    import { NamedFolders } from ${JSON.stringify(new URL('./checked-files.ts', import.meta.url))};
    const named = await NamedFolders.from(['photos'], '.');
    const opened = [];
    const blob = await named.open(${JSON.stringify(place)}, opened);
    renameSync('photos/next', 'photos/swapped.png');
    process.stdout.write(await buffer(blob.stream()));
    await opened[0].close();
  `;
  const args = ['--input-type=module', '--eval', script];
  const sent = execFileSync(process.execPath, args, { cwd: base });
  expect(sent.equals(await readFile(CAT))).toBe(true);
});
