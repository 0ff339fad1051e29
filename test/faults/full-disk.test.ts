/** A disk that fills up: the services say so, keep what they have promised, and go on once there is room. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { CloudTasksClient } from '@google-cloud/tasks';
import { credentials, makeClientConstructor, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { firestoreService } from '../../local-cloud/firestore/protos.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import { createIdentity } from '../../local-cloud/identity/identity.ts';
import { startStorage } from '../../local-cloud/storage/server.ts';
import { startTasks } from '../../local-cloud/tasks/server.ts';
import { startTarget } from '../support/tasks.ts';

const FULL = 0;
const ROOM = Number.POSITIVE_INFINITY;

let dataDir: string;
let faults: FaultPlan;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'full-disk-'));
  faults = new FaultPlan();
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test('Firestore refuses a commit whole, shows nothing of it, and keeps what it has acknowledged', async () => {
  const connect = (port: number) =>
    new Firestore({ projectId: 'disk', host: `127.0.0.1:${port}`, ssl: false });
  const before = await startFirestore({ dataDir, faults });
  const db = connect(before.port);
  await db.doc('c/kept').set({ n: 1 });

  // Room for the first of two documents, not for the second.
  faults.limitDisk(100);
  const commit = await rawCommit(before.port, ['first', 'second']);
  expect(commit).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  expect(commit.details).toMatch(/disk is full/);
  expect((await db.collection('c').get()).docs.map(({ id }) => id)).toEqual(['kept']);

  faults.limitDisk(ROOM);
  await db.doc('c/later').set({ n: 2 });
  await db.terminate();
  await before.close();
  const after = await startFirestore({ dataDir });
  const again = connect(after.port);
  expect((await again.collection('c').get()).docs.map(({ id }) => id)).toEqual(['kept', 'later']);
  await again.terminate();
  await after.close();
});

/** Without the client library, which would wait and try again. @returns the error. */
function rawCommit(port: number, ids: string[]): Promise<{ code: number; details: string }> {
  const Client = makeClientConstructor(firestoreService, 'Firestore');
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const database = 'projects/disk/databases/(default)';
  const writes = ids.map((id) => ({
    update: {
      name: `${database}/documents/c/${id}`,
      fields: { text: { stringValue: 'x'.repeat(30) } },
    },
  }));
  return new Promise((resolve, reject) => {
    client.Commit?.({ database, writes }, (error: { code: number; details: string } | null) => {
      client.close();
      if (error) resolve(error);
      else reject(new Error('It was taken.'));
    });
  });
}

test('Cloud Storage answers 507, keeps no half of an object, and takes it once there is room', async () => {
  const storage = await startStorage({ dataDir, faults });
  const url = `http://127.0.0.1:${storage.port}`;
  const json = { 'Content-Type': 'application/json' };
  const bucket = JSON.stringify({ name: 'bucket' });
  await fetch(`${url}/storage/v1/b?project=p`, { method: 'POST', headers: json, body: bucket });
  const put = (name: string) =>
    fetch(`${url}/upload/storage/v1/b/bucket/o?uploadType=media&name=${name}`, {
      method: 'POST',
      body: Buffer.alloc(200_000, 1),
    });
  expect((await put('kept')).status).toBe(200);

  faults.limitDisk(70_000);
  const refused = await put('refused');
  expect(refused.status).toBe(507);
  expect(await refused.json()).toMatchObject({ error: { message: /disk is full/ } });
  const get = (name: string) => fetch(`${url}/storage/v1/b/bucket/o/${name}?alt=media`);
  expect((await get('refused')).status).toBe(404);
  expect((await (await get('kept')).arrayBuffer()).byteLength).toBe(200_000);

  faults.limitDisk(ROOM);
  expect((await put('refused')).status).toBe(200);
  await storage.close();
});

/** A disk that is full but for the space that a service keeps for deletions. */
class FullButForReserve extends FaultPlan {
  isFull = false;
  override readonly beforeWrite = () => {
    if (!this.isFull || !existsSync(join(dataDir, 'reserve'))) return;
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
}

test('a deletion works on a full disk, with space that Cloud Storage and Firestore keep for it', async () => {
  const disk = new FullButForReserve();
  const storage = await startStorage({ dataDir, faults: disk });
  const url = `http://127.0.0.1:${storage.port}`;
  const json = { 'Content-Type': 'application/json' };
  const bucket = JSON.stringify({ name: 'bucket' });
  await fetch(`${url}/storage/v1/b?project=p`, { method: 'POST', headers: json, body: bucket });
  const put = () =>
    fetch(`${url}/upload/storage/v1/b/bucket/o?uploadType=media&name=a`, {
      method: 'POST',
      body: 'hello',
    });
  expect((await put()).status).toBe(200);
  disk.isFull = true;
  expect((await put()).status).toBe(507);
  const object = `${url}/storage/v1/b/bucket/o/a`;
  expect((await fetch(object, { method: 'DELETE' })).status).toBe(204);
  expect((await fetch(object)).status).toBe(404);
  expect(statSync(join(dataDir, 'reserve')).size).toBe(1 << 20);
  await storage.close();

  disk.isFull = false;
  const firestore = await startFirestore({ dataDir, faults: disk });
  const db = new Firestore({ projectId: 'disk', host: `127.0.0.1:${firestore.port}`, ssl: false });
  await db.doc('c/a').set({ n: 1 });
  disk.isFull = true;
  expect(await rawCommit(firestore.port, ['b'])).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  await db.doc('c/a').delete();
  expect((await db.collection('c').get()).size).toBe(0);
  await db.terminate();
  await firestore.close();
});

test('Cloud Tasks refuses a task, and records what it has delivered once there is room', async () => {
  const complaints = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const target = await startTarget((delivery) => {
    // From here on there is no room to write down that it was delivered.
    faults.limitDisk(FULL);
    delivery.respond(200);
  });
  const identity = await createIdentity({});
  const tasks = await startTasks({ dataDir, faults, identity });
  const client = new CloudTasksClient({
    projectId: 'disk',
    apiEndpoint: '127.0.0.1',
    port: tasks.port,
    sslCreds: credentials.createInsecure(),
  });
  const parent = client.queuePath('disk', 'local', 'queue');
  await client.createQueue({
    parent: client.locationPath('disk', 'local'),
    queue: { name: parent },
  });
  const task = { httpRequest: { url: target.url } };
  await client.createTask({ parent, task });
  await target.delivery(1);

  await expect(client.createTask({ parent, task })).rejects.toMatchObject({
    code: status.RESOURCE_EXHAUSTED,
  });
  expect((await client.listTasks({ parent }))[0]).toHaveLength(1);
  faults.limitDisk(ROOM);
  await untilEmpty(client, parent);
  expect(complaints).toHaveBeenCalled();
  complaints.mockRestore();
  await client.close();
  await tasks.close();
  await target.close();
});

async function untilEmpty(client: CloudTasksClient, parent: string): Promise<void> {
  while ((await client.listTasks({ parent }))[0].length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
