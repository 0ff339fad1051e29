/** What a process that was killed has left behind goes on when the next one starts, and not minutes later. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, expect, test } from '@jest/globals';
import { startCloud } from '../../local/cloud.ts';
import { mediaRecord } from '../support/media.ts';
import { eventually, startStack } from '../support/stack.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'left-behind-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

interface Running {
  environment: Record<string, string>;
  close(): Promise<void>;
}

async function using<T>(running: Running, work: (firestore: Firestore) => Promise<T>): Promise<T> {
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    running.environment;
  const firestore = new Firestore({ projectId, host, ssl: false });
  try {
    return await work(firestore);
  } finally {
    await firestore.terminate();
    await running.close();
  }
}

// A process died between the write of the document and its task. Such media keep the places of their owner.
test('media with a place in the queues and no task are worked on after a new start', async () => {
  const left = [
    mediaRecord({ id: 'quietForLong' }),
    mediaRecord({ id: 'leftJustNow', updated_at: Timestamp.now() }),
  ];
  await using(await startCloud({ dataDir }), async (firestore) => {
    for (const record of left) await firestore.doc(`media/${record.id}`).create(record);
  });
  const environment = { SWEEP_QUIET_S: '1' };
  await using(await startStack({ dataDir, environment }), async (firestore) => {
    for (const { id } of left) {
      const ended = await eventually(async () => {
        const media = (await firestore.doc(`media/${id}`).get()).data();
        return media?.status === 'failed' ? media : undefined;
      });
      // There are no bytes of it: it was worked on, and that came of it.
      expect(ended).toMatchObject({ error_code: 'media_missing' });
    }
  });
});
