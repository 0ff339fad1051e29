/** A listener that dies: who watches misses nothing that is still true, and is told nothing false. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NO_FEATURES } from '../../functions/core/media/moments.ts';
import type { MediaState } from '../../functions/core/stream/events.ts';
import { Hub, showMedia } from '../../functions/core/stream/hub.ts';
import { createListener } from '../../functions/core/stream/listen.ts';
import { createLogger } from '../../functions/process/log.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { type RunningService, startFirestore } from '../../local-cloud/firestore/server.ts';
import { eventually } from '../support/eventually.ts';
import { mediaRecord } from '../support/media.ts';

const faults = new FaultPlan({ seed: 5 });
let server: RunningService;
let firestore: Firestore;
let hub: Hub;
const told: MediaState[] = [];

beforeAll(async () => {
  server = await startFirestore({ faults });
  firestore = new Firestore({ projectId: 'faults', host: `127.0.0.1:${server.port}`, ssl: false });
  hub = new Hub({
    show: showMedia(NO_FEATURES),
    listen: createListener(firestore.collection('media')),
    logger: createLogger('test', 'silent'),
  });
  await write(1);
  hub.subscribe('alice', ['m1'], (_id, state) => told.push(state));
  await heard(1);
});
afterAll(async () => {
  hub.close();
  await firestore.terminate();
  await server.close();
});

const write = (revision: number) =>
  firestore.doc('media/m1').set(mediaRecord({ status: 'analyzing', revision }));

const revisions = () =>
  told.map((state) => (state.kind === 'present' ? revisionOf(state.event) : 'absent'));
const revisionOf = (event: Buffer) => Number(/^id: (\d+)/m.exec(String(event))?.[1]);
const heard = (revision: number) =>
  eventually(async () => (revisions().includes(revision) ? true : undefined));

test('a stream that breaks is opened again, with what was written meanwhile', async () => {
  expect(faults.cutStreams('firestore')).toBe(1);
  await write(2);
  await heard(2);
});

test('an outage is waited out, and what is written after it is heard', async () => {
  faults.beginOutage('firestore');
  // It has been tried, and tried again.
  await eventually(async () => (faults.counts.get('firestore.refuse') ?? 0) >= 2 || undefined);
  faults.endOutage('firestore');
  await write(3);
  await heard(3);
});

test('and through all of it nothing was told twice, backwards, or as gone', () => {
  expect(revisions()).toEqual([1, 2, 3]);
});
