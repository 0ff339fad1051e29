/**
 * Sends ten photos through the whole product, and through code that does the same steps without queues.
 */
import { createRandom } from '../../local-cloud/faults/random.ts';
import { client } from '../../test/support/stack.ts';
import { type Claim, type Row, row } from '../lib/claim.ts';
import { idealMakespan } from '../lib/schedule.ts';
import {
  type ItemTimes,
  MODEL,
  pictures,
  type SlowStack,
  startSlowStack,
} from '../lib/slow-stack.ts';

const AT_A_TIME = 5;

export const claim: Claim = {
  name: 'pipeline',
  title: 'Pipeline: storing and analysing overlap, five each',
  whole: true,
  reasons: {
    '10 photos': 'everything shares the CPU of one machine; it was 9.2 to 9.7 s on different ones.',
  },
  async run({ quick, repeats, artefact, say }) {
    const scale = quick ? 0.2 : 1;
    const even = Array.from({ length: 10 }, () => ({
      upload: 1_000 * scale,
      analysis: 4_000 * scale,
    }));
    const uneven = unevenTimes(20, scale);
    const slow = await startSlowStack({ artefact });
    const seconds = async (what: string, work: () => Promise<void>) => {
      const started = performance.now();
      await work();
      const took = (performance.now() - started) / 1_000;
      say(`${what}: ${took.toFixed(2)} s`);
      return took;
    };
    const measured: Record<
      'ours' | 'batches' | 'sequential' | 'oursUneven' | 'batchesUneven',
      number[]
    > = { ours: [], batches: [], sequential: [], oursUneven: [], batchesUneven: [] };
    try {
      for (let repeat = 0; repeat < repeats; repeat++) {
        measured.ours.push(await seconds('ours', () => throughQueues(slow, even)));
        measured.batches.push(await seconds('batches of 5', () => inBatches(slow, even, 5)));
        measured.oursUneven.push(
          await seconds('ours, variable times', () => throughQueues(slow, uneven)),
        );
        measured.batchesUneven.push(
          await seconds('batches of 5, variable times', () => inBatches(slow, uneven, 5)),
        );
      }
      // One run is enough: fifty seconds of fixed delays do not vary.
      measured.sequential.push(await seconds('sequential', () => inBatches(slow, even, 1)));
    } finally {
      await slow.close();
    }
    const bound = (times: readonly ItemTimes[]) => idealMakespan(times, AT_A_TIME) / 1_000;
    const rowOf = (
      what: string,
      ours: number[],
      baselines: { name: string; values: number[] }[],
      limit: number,
      atMost: number,
    ): Row =>
      row({
        what,
        unit: 's',
        ours,
        baselines,
        limit: { name: 'ideal queue', value: limit },
        targets: [{ of: 'value', atMost: Math.round(limit * atMost * 1_000) / 1_000 }],
      });
    return {
      setup: `upload ${even[0]?.upload} ms, analysis ${even[0]?.analysis} ms; variable: ± 50 %`,
      rows: [
        rowOf(
          '10 photos',
          measured.ours,
          [
            { name: 'batches of 5', values: measured.batches },
            { name: 'sequential', values: measured.sequential },
          ],
          bound(even),
          1.03,
        ),
        rowOf(
          '20 photos, variable times',
          measured.oursUneven,
          [{ name: 'batches of 5', values: measured.batchesUneven }],
          bound(uneven),
          1.1,
        ),
      ],
    };
  },
};

function unevenTimes(count: number, scale: number): ItemTimes[] {
  const random = createRandom(7, 'pipeline');
  const around = (ms: number) => Math.round(ms * scale * (0.5 + random.next()));
  return Array.from({ length: count }, () => ({ upload: around(1_000), analysis: around(4_000) }));
}

/** From the request to the stream's `done`. */
async function throughQueues(slow: SlowStack, times: readonly ItemTimes[]): Promise<void> {
  const files = await pictures(times.length);
  slow.schedule(times);
  const { media_ids } = await client(slow.stack).analyze(files);
  const results = await client(slow.stack).results(media_ids);
  const unfinished = results.filter((media) => media?.status !== 'completed');
  if (unfinished.length > 0) throw new Error(`${unfinished.length} photos were not completed.`);
}

/** Uses `Promise.all` on one batch after the other. Each photo is stored, then sent to the model. */
async function inBatches(
  slow: SlowStack,
  times: readonly ItemTimes[],
  size: number,
): Promise<void> {
  const files = await pictures(times.length);
  slow.scheduleInserts(times);
  for (let start = 0; start < files.length; start += size) {
    await Promise.all(files.slice(start, start + size).map((file) => storeAndAnalyze(file, slow)));
  }
}

async function storeAndAnalyze(file: File, { stack, geminiUrl }: SlowStack): Promise<void> {
  const { STORAGE_EMULATOR_HOST, STAGING_BUCKET } = stack.environment;
  const query = new URLSearchParams({ uploadType: 'media', name: crypto.randomUUID() });
  await post(`${STORAGE_EMULATOR_HOST}/upload/storage/v1/b/${STAGING_BUCKET}/o?${query}`, file);
  const data = Buffer.from(await file.arrayBuffer()).toString('base64');
  const parts = [{ inlineData: { mimeType: file.type, data } }, { text: 'Describe it.' }];
  await post(
    `${geminiUrl}/v1beta/models/${MODEL}:generateContent`,
    JSON.stringify({ contents: [{ role: 'user', parts }] }),
  );
}

async function post(url: string, body: File | string): Promise<void> {
  const headers = { 'Content-Type': 'application/json', 'x-goog-api-key': 'bench' };
  const response = await fetch(url, { method: 'POST', body, headers });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
