/**
 * A listener that falls silent without an error, as Firestore's now and then do
 * (https://github.com/googleapis/nodejs-firestore/issues/1057): Google's client opens it again by itself.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OperationCounter } from '../../bench/lib/operations.ts';
import { NO_FEATURES } from '../../functions/core/media/moments.ts';
import { Hub, showMedia } from '../../functions/core/stream/hub.ts';
import { createListener } from '../../functions/core/stream/listen.ts';
import { createLogger } from '../../functions/process/log.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { type RunningService, startFirestore } from '../../local-cloud/firestore/server.ts';
import { eventually } from '../support/eventually.ts';
import { mediaRecord } from '../support/media.ts';

const faults = new FaultPlan();
const counter = new OperationCounter();
let server: RunningService;
let firestore: Firestore;
let hub: Hub;
const heard: string[] = [];

beforeAll(async () => {
  waitSecondsInsteadOfTwoMinutes();
  server = await startFirestore({ faults, interceptors: [counter.interceptor] });
  firestore = new Firestore({ projectId: 'faults', host: `127.0.0.1:${server.port}`, ssl: false });
  hub = new Hub({
    show: showMedia(NO_FEATURES),
    listen: createListener(firestore.collection('media')),
    logger: createLogger('test', 'silent'),
  });
  for (const id of ['m1', 'm2', 'm3']) await write(id, 1);
  hub.subscribe('alice', ['m1', 'm2', 'm3'], (id, state) => {
    heard.push(state.kind === 'present' ? `${id} ${/^id: \d+/m.exec(`${state.event}`)}` : id);
  });
  await eventually(async () => heard.length === 3 || undefined);
});
afterAll(async () => {
  hub.close();
  await firestore.terminate();
  await server.close();
});

const write = (id: string, revision: number) =>
  firestore.doc(`media/${id}`).set(mediaRecord({ id, status: 'analyzing', revision }));

/** The client's patience is a constant of its own. */
function waitSecondsInsteadOfTwoMinutes(): void {
  const requireHere = createRequire(import.meta.url);
  const client = requireHere.resolve('@google-cloud/firestore');
  const watch = requireHere(join(dirname(client), 'watch.js'));
  expect(watch.WATCH_IDLE_TIMEOUT_MS).toBe(120_000);
  // Long enough for the one write that must come between the last news and the end of the wait.
  watch.WATCH_IDLE_TIMEOUT_MS = 4_000;
}

test('what it missed is told once it is open again, and nothing else is read again', async () => {
  const { operations } = await counter.during(async () => {
    expect(faults.muteStreams('firestore')).toBe(1);
    await write('m2', 2);
    await eventually(async () => heard.length > 3 || undefined);
  });
  expect(heard.slice(3)).toEqual(['m2 id: 2']);
  // Sent once and lost, and once more; of the two that did not change, nothing.
  expect(operations.reads).toBe(2);
});
