// Local only: these tests kill and weigh the server's process.
import { afterEach, beforeEach, test } from '@jest/globals';
import { needing } from '../../support/needing.ts';
import {
  expectLittleMemory,
  expectNoLossWhenKilled,
  StorageOnDisk,
} from '../../support/storage-on-disk.ts';

let storage: StorageOnDisk;
beforeEach(() => {
  storage = new StorageOnDisk();
});
afterEach(() => storage.remove());

test('killed at any moment, no acknowledged object is lost and no half object shows', () =>
  expectNoLossWhenKilled(storage, [0, 5, 10]));

needing('proc')('20 uploads of 10 MB side by side stay out of memory', () =>
  expectLittleMemory(storage, 20),
);
