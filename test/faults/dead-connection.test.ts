/**
 * A connection that dies without a word, as one may while an instance rests: what is sent by it is answered by nobody,
 * and a connection of TCP alone would wait for a quarter of an hour.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFirestore } from '../../functions/process/clients.ts';
import { type RunningService, startFirestore } from '../../local-cloud/firestore/server.ts';

/** The second is the time that a busy machine has to answer, or it would be taken for a dead one. */
const SOON = { 'grpc.keepalive_time_ms': 200, 'grpc.keepalive_timeout_ms': 2_000 };
const HOST = process.env.FIRESTORE_EMULATOR_HOST;

let service: RunningService;
let between: Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  service = await startFirestore();
  between = createServer((caller) => {
    const called = connect(service.port, '127.0.0.1');
    for (const socket of [caller, called]) socket.on('error', () => undefined);
    caller.pipe(called).pipe(caller);
    sockets.push(caller, called);
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${(between.address() as AddressInfo).port}`;
});
afterAll(async () => {
  if (HOST === undefined) delete process.env.FIRESTORE_EMULATOR_HOST;
  else process.env.FIRESTORE_EMULATOR_HOST = HOST;
  for (const socket of sockets) socket.destroy();
  between.close();
  await service.close();
});

test('is replaced by the call that finds it dead, which succeeds', async () => {
  const config = { GOOGLE_CLOUD_PROJECT: 'faults', FIRESTORE_DATABASE: '(default)' };
  const firestore = await createFirestore(config, SOON);
  const media = firestore.doc('media/m1');
  await media.set({ revision: 1 });
  const [caller, called] = sockets;
  caller?.unpipe().pause();
  called?.unpipe().pause();
  await media.set({ revision: 2 });
  expect((await media.get()).get('revision')).toBe(2);
  expect(sockets).toHaveLength(4);
  await firestore.terminate();
});
