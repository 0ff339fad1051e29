import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { type ZipFile, zipOf } from './zip.ts';

const run = promisify(execFile);
/** Another program must understand the archive. */
const hasUnzip = await run('unzip', ['-v']).then(
  () => true,
  () => false,
);

async function* each(files: ZipFile[]): AsyncGenerator<ZipFile> {
  yield* files;
}
async function archive(files: ZipFile[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipOf(each(files))) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const modified = new Date('2026-11-27T03:04:06Z');

(hasUnzip ? test : test.skip)(
  'unzip finds nothing wrong, and gives names and bytes back',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zip-'));
    try {
      const bytes = { 'a.jpg': ['one', ' and two'], '駅前 ü.png': [''], 'empty.mp4': [] };
      const files = Object.entries(bytes).map(([name, parts]) => ({
        name,
        modified,
        bytes: parts.map((part) => Buffer.from(part)),
      }));
      await writeFile(join(folder, 'all.zip'), await archive(files));
      const { stdout } = await run('unzip', ['-t', join(folder, 'all.zip')]);
      expect(stdout).toContain('No errors detected');
      const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
      await run('unzip', [join(folder, 'all.zip'), '-d', join(folder, 'out')], { env });
      expect((await readdir(join(folder, 'out'))).sort()).toEqual(Object.keys(bytes).sort());
      expect(await readFile(join(folder, 'out', 'a.jpg'), 'utf8')).toBe('one and two');
      const list = await run('unzip', ['-lv', join(folder, 'all.zip')], { env });
      expect(list.stdout).toContain('2026-11-27 03:04');
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test('an archive of nothing is one', async () => {
  expect((await archive([])).length).toBe(22);
});

test('the next file is not read before the bytes of the one before are taken', async () => {
  let read = 0;
  async function* slow(): AsyncGenerator<ZipFile> {
    for (const name of ['a', 'b']) {
      read++;
      yield { name, modified, bytes: [Buffer.from('x'), Buffer.from('y')] };
    }
  }
  const chunks = zipOf(slow());
  for (let i = 0; i < 3; i++) await chunks.next();
  expect(read).toBe(1);
  await chunks.return(undefined);
});
