/**
 * `local/vision` on a machine on which looking at a photo takes longer than a delivery may. The test says when a look ends: it
 * counts looks, and no time is judged.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { VisionClient } from '@media-analysis/vision/client';
import { startGenkit } from '../../functions/analysis/catalog/start-genkit.ts';
import { defineAnalysisFlow } from '../../functions/analysis/flow.ts';
import { type Analyzer, createAnalyzer } from '../../functions/analysis/index.ts';
import { defineLocalModels } from '../../functions/analysis/local/models.ts';
import { FACTS } from '../../functions/analysis/local/testing.ts';
import { createQuestions } from '../../functions/analysis/question.ts';
import { Places } from '../../functions/core/media/places.ts';
import { askedFor, type MediaRecord } from '../../functions/core/media/record.ts';
import { createAnalyzeMedia } from '../../functions/core/work/analyze-media.ts';
import { deliver } from '../../functions/core/work/delivery.ts';
import { createLogger } from '../../functions/process/log.ts';
import { eventually } from '../support/eventually.ts';
import { openMedia } from '../support/features.ts';
import { openFirestore } from '../support/firestore.ts';
import { inProcess } from '../support/inspector.ts';
import { mediaRecord, NOW } from '../support/media.ts';
import { MemoryObjects, MemoryQueue } from './memory-services.ts';

const HOUR = 3_600_000;
const PHOTOS = Array.from({ length: 10 }, (_, n) => `photo${n}`);
/** What is left of a delivery when it asks: shorter than any look, which ends only when the test opens its door. */
const LEFT_MS = 50;

const { db } = await openFirestore();
const dir = mkdtempSync(join(tmpdir(), 'slow-vision-'));
const vision = new VisionClient({
  entry: new URL('../support/vision-process.ts', import.meta.url),
});
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => vision.close());

const doorOf = (id: string) => join(dir, id);
const open = (id: string) => writeFileSync(`${doorOf(id)}.open`, '');
/** How often the photo was looked at. */
function looksAt(id: string): number {
  const door = doorOf(id);
  return existsSync(door) ? readFileSync(door, 'utf8').trim().split('\n').length : 0;
}

let clock = NOW;
/** Whether each delivery ends before a look can. */
let isSlow = true;
const now = () => clock;
const analyzer = inTime(
  createAnalyzer({
    model: 'local/vision',
    callTimeoutMs: 1,
    loadFlow: async () => {
      const ai = await startGenkit({});
      defineLocalModels(ai, vision);
      return defineAnalysisFlow(ai, createQuestions());
    },
  }),
);

function inTime({ analyze, answer, ...rest }: Analyzer): Analyzer {
  const limited = <Options extends { deadline: number }>(options: Options) => ({
    ...options,
    now,
    deadline: isSlow ? now() + LEFT_MS : options.deadline,
  });
  const analyzer: Analyzer = {
    ...rest,
    asking: () => analyzer,
    analyze: (input, options) => analyze(input, limited(options)),
    answer: (asked, input, options) => answer(asked, input, limited(options)),
  };
  return analyzer;
}

const objects = new MemoryObjects();
const queue = new MemoryQueue();
const logger = createLogger('test', 'silent');
const deps = {
  ...openMedia(db, now),
  objects,
  inspector: inProcess,
  queue,
  logger,
  places: new Places({ firestore: db, queue, logger, max: PHOTOS.length, now }),
  leaseMs: 30_000,
  maxDeliveries: 2,
  budgetMs: HOUR,
  now,
  random: () => 0,
};
const work = createAnalyzeMedia(deps, analyzer);

const read = async (id: string) => (await db.doc(`media/${id}`).get()).data() as MediaRecord;

/** As Cloud Tasks and the places do it, when its time has come. */
async function deliverOne(id: string): Promise<void> {
  clock += HOUR;
  await db.doc(`media/${id}`).update({ queue_state: 'queued' });
  const { signal } = new AbortController();
  await deliver({ phase: 'analyze', payload: { media_id: id, attempt: 1 }, work, signal }, deps);
}

async function put(id: string): Promise<void> {
  const preview_object = `${id}/preview`;
  objects.stored.set(
    preview_object,
    Buffer.concat([Buffer.of(0xff, 0xd8), Buffer.from(` at ${doorOf(id)}`)]),
  );
  const analyses = { receipt: askedFor({}, NOW), 'alt-text': askedFor({}, NOW) };
  const wanted = ['describe', ...Object.keys(analyses)];
  const stored = { status: 'analyzing', object: 'o', staging_object: null, facts: FACTS } as const;
  const record = mediaRecord({ id, ...stored, preview_object, analyses, wanted });
  await db.doc(`media/${id}`).set(record);
}

test('ten photos that take longer than a delivery are completed, and each is looked at once for all its analyses', async () => {
  for (const id of PHOTOS) await put(id);
  const left = new Set(PHOTOS);
  while (left.size > 0) {
    isSlow = true;
    const begun = await eventually(async () => {
      await Promise.all([...left].map(deliverOne));
      return [...left].find((id) => looksAt(id) > 0);
    });
    for (const id of left) {
      expect(await read(id)).toMatchObject({
        status: 'analyzing',
        wait_code: 'analysis_timeout',
        deliveries: 0,
        retry_at: expect.anything(),
      });
    }
    open(begun);
    isSlow = false;
    await deliverOne(begun);
    expect(await read(begun)).toMatchObject({
      status: 'completed',
      wait_code: null,
      error_code: null,
      analyses: { receipt: { status: 'completed' }, 'alt-text': { status: 'completed' } },
    });
    left.delete(begun);
  }
  expect(PHOTOS.map(looksAt)).toEqual(PHOTOS.map(() => 1));
});
