/**
 * Counts what Firestore bills for one media with one watcher, from the request to the stream's `done`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectionReference } from '@google-cloud/firestore';
import { MEDIA_COLLECTION } from '../../functions/core/media/record.ts';
import { client } from '../../test/support/stack.ts';
import { type Claim, row } from '../lib/claim.ts';
import { analyzingMedia, connectFirestore, createMedia } from '../lib/cloud.ts';
import { OperationCounter, type Operations } from '../lib/operations.ts';
import { pictures, type SlowStack, startSlowStack } from '../lib/slow-stack.ts';

const ITEMS = 10;
const POLL_MS = 2_000;

export const claim: Claim = {
  name: 'operations',
  title: 'Firestore operations/item',
  whole: true,
  once: true,
  reasons: {
    writes:
      'each item needs five. Shared by many items: the counter of the owner’s bytes, once a request, and the share of the limits of the day that a process takes or gives back.',
    reads:
      'two claims, and four states for the watcher. Shared by many items: the counter of the owner’s bytes, the count of media in the queues, looks for waiting media and for webhooks, and the limits of the day.',
  },
  async run({ quick, artefact, say }) {
    const counter = new OperationCounter();
    const slow = await startSlowStack({ artefact, interceptors: [counter.interceptor] });
    const times = { upload: 1_000, analysis: 4_000 };
    // Longer than the two minutes after which the client reopens a silent listener.
    const idleMs = quick ? 3_000 : 150_000;
    try {
      const ours = await counter.during(() => watchedBatch(slow, Array(ITEMS).fill(times)));
      const polled = await counter.during(() => polledDesign(slow, times, quick ? 0.02 : 0.1));
      const idle = await counter.during(() => watchIdly(slow, idleMs));
      say(`ours ${tell(ours.operations)}; polled ${tell(polled.operations)} for ${ITEMS} items`);
      say(`idle for ${idleMs / 1_000} s: ${tell(idle.operations)}`);
      const beside = (what: keyof Operations) => [
        { name: 'polling', values: [polled.operations[what] / ITEMS] },
      ];
      const minutes = idleMs / 60_000;
      // Opening the stream reads the document once. Only the reads after that count.
      const idleReads = Math.max(0, idle.operations.reads - 1) / minutes;
      return {
        setup: `${ITEMS} photos in one request, watched by one stream; upload 1 s, analysis 4 s`,
        rows: [
          row({
            what: 'writes',
            unit: '',
            ours: [ours.operations.writes / ITEMS],
            baselines: beside('writes'),
            targets: [{ of: 'value', atMost: 5 }],
          }),
          row({
            what: 'reads',
            unit: '',
            ours: [ours.operations.reads / ITEMS],
            baselines: beside('reads'),
            targets: [{ of: 'value', atMost: 6 }],
          }),
          row({
            what: 'reads/minute while waiting',
            unit: '',
            ours: [idleReads],
            baselines: [{ name: 'polling', values: [60_000 / POLL_MS] }],
            targets: [{ of: 'value', atMost: 0 }],
          }),
        ],
      };
    } finally {
      await slow.close();
    }
  },
};

const tell = ({ reads, writes }: Operations) => `${writes} writes, ${reads} reads`;

async function watchedBatch(slow: SlowStack, times: { upload: number; analysis: number }[]) {
  const files = await pictures(times.length);
  slow.schedule(times);
  const { media_ids } = await client(slow.stack).analyze(files);
  await client(slow.stack).results(media_ids);
}

/** Watches a pending media on which nothing happens. */
async function watchIdly({ stack }: SlowStack, ms: number): Promise<void> {
  const firestore = await connectFirestore(stack.environment);
  const record = { ...analyzingMedia('idle', 'local'), status: 'pending' as const };
  await createMedia(firestore, [record]);
  const stop = new AbortController();
  const response = await client(stack).call('/api/media/idle/stream', { signal: stop.signal });
  if (response.status !== 200) throw new Error(`The stream answered ${response.status}.`);
  await sleep(ms);
  stop.abort();
  await firestore.terminate();
}

/**
 * The design that this project replaces: one item after the other, a status document that each step reads
 * and writes, and a client that polls all documents every 2 s. Time is scaled down, which does not change
 * the counts.
 */
async function polledDesign(
  { stack }: SlowStack,
  times: { upload: number; analysis: number },
  timeScale: number,
): Promise<void> {
  const firestore = await connectFirestore(stack.environment);
  const media = firestore.collection(MEDIA_COLLECTION);
  const ids = Array.from({ length: ITEMS }, (_, n) => `polled${n}`);
  for (const id of ids) await media.doc(id).create({ status: 'pending' });
  let isOver = false;
  const polling = (async () => {
    while (!isOver) {
      await firestore.getAll(...ids.map((id) => media.doc(id)));
      await sleep(POLL_MS * timeScale);
    }
  })();
  for (const id of ids) {
    await step(media, id, 'uploading');
    await sleep(times.upload * timeScale);
    await step(media, id, 'uploaded');
    await step(media, id, 'analyzing');
    await sleep(times.analysis * timeScale);
    await step(media, id, 'completed');
  }
  isOver = true;
  await polling;
  await firestore.terminate();
}

async function step(media: CollectionReference, id: string, status: string): Promise<void> {
  await media.doc(id).get();
  await media.doc(id).update({ status });
}
