import { expect, test } from '@jest/globals';
import { changeOf } from './analyze.ts';

/** The browser has the file, and fails to read it. */
class ChangedFile extends File {
  override slice(): Blob {
    return Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error('not read')) });
  }
}

test('of some files, names those that cannot be read any more', async () => {
  const files = [new File(['x'], 'a.jpg'), new ChangedFile(['x'], 'b.jpg'), new File([], 'c.jpg')];
  const changes = await Promise.all(files.map(changeOf));
  expect(changes.map((change) => change?.code)).toEqual([undefined, 'media_missing', undefined]);
  expect(changes[1]?.message).toContain('“b.jpg”');
});
