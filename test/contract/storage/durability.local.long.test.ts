// Local only: these tests kill the server's process.
import { afterEach, beforeEach, test } from '@jest/globals';
import { expectNoLossWhenKilled, StorageOnDisk } from '../../support/storage-on-disk.ts';

let storage: StorageOnDisk;
beforeEach(() => {
  storage = new StorageOnDisk();
});
afterEach(() => storage.remove());

test('killed at any moment, no acknowledged object is lost and no half object shows', () =>
  expectNoLossWhenKilled(storage, [0, 5, 10]));
