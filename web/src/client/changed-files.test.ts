import { expect, test } from '@jest/globals';
import { changedFiles } from './changed-files.ts';

/** The browser has the file, and fails to read it. */
class ChangedFile extends File {
  override slice(): Blob {
    return Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error('not read')) });
  }
}

test('of some files, names those that cannot be read any more', async () => {
  const files = [new File(['x'], 'a.jpg'), new ChangedFile(['x'], 'b.jpg'), new File([], 'c.jpg')];
  const errors = await changedFiles(files);
  expect([...errors]).toMatchObject([[1, { code: 'media_missing' }]]);
  expect(errors.get(1)?.message).toContain('“b.jpg”');
});
