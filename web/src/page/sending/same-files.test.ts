import { expect, test } from '@jest/globals';
import type { Media } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import type { Upload } from '../../hooks/index.ts';
import { sortOut } from './same-files.ts';

const cat = new File(['12345'], 'cat.jpg');

const stored = (change: Partial<Media>) =>
  media('m1', { file_name: 'cat.jpg', size: 5, ...change });

const upload = (state: Upload['state']): Upload => ({
  key: 'k1',
  file: cat,
  state,
  isPaused: false,
  sent: 0,
  mediaId: null,
  announcedId: null,
  error: null,
});

test('chosen twice at once, from two folders', () => {
  const copy = new File(['12345'], 'cat.jpg', { lastModified: cat.lastModified });
  const changed = new File(['12345'], 'cat.jpg', { lastModified: cat.lastModified + 1 });
  expect(sortOut([cat, copy, changed], [], [])).toEqual({
    fresh: [cat, changed],
    same: [{ file: copy, id: undefined }],
  });
});

test.each<[string, Upload[], Media[], string | undefined | false]>([
  ['nothing like it', [], [], false],
  ['the same', [], [stored({ status: 'completed' })], 'm1'],
  ['the same at work', [], [stored({ status: 'uploading' })], 'm1'],
  ['one that has failed', [], [stored({ status: 'failed' })], false],
  ['one that waits for its bytes', [], [stored({ wait_code: 'no_bytes' })], false],
  ['one of another size', [], [stored({ size: 6 })], false],
  ['one of another name', [], [stored({ file_name: 'dog.jpg' })], false],
  ['one that is being sent', [upload('sending')], [], undefined],
  ['one that was refused', [upload('rejected')], [], false],
  ['one that is waited for', [upload('missing')], [stored({ status: 'completed' })], false],
])('beside %s', (_, uploads, all, id) => {
  expect(sortOut([cat], uploads, all)).toEqual(
    id === false ? { fresh: [cat], same: [] } : { fresh: [], same: [{ file: cat, id }] },
  );
});
