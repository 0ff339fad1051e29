import { test } from '@jest/globals';
import { expectWholeMedia } from './interleavings.ts';

test('no interleaving loses a media, ends one twice, or leaves bytes without one', () =>
  expectWholeMedia(25));
