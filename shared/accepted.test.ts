import { expect, test } from '@jest/globals';
import { mayBeAccepted } from './accepted.ts';

test.each([
  ['photo.jpg', 'image/jpeg', true],
  ['photo', 'image/png', true],
  ['IMG_0042.HEIC', 'application/octet-stream', true],
  ['IMG_0042.HEIC', '', true],
  ['noname', 'application/octet-stream', true],
  ['clip.MOV', 'video/quicktime', true],
  ['photo.jpg', 'text/plain', true],
  ['notes.txt', 'text/plain', false],
  ['page.html', 'text/html', false],
  ['drawing.svg', 'image/svg+xml', false],
  ['setup.exe', 'application/octet-stream', false],
  ['archive.zip', 'application/zip', false],
])('the first check accepts %s sent as "%s": %s', (name, type, expected) => {
  expect(mayBeAccepted(name, type)).toBe(expected);
});
