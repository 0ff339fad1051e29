/**
 * The whole product, where storing and analysing take as long as the bench says: Cloud Storage takes its
 * time to copy an object, and the model (the Gemini API, on this machine) to answer.
 */
import type { ServerInterceptor } from '@grpc/grpc-js';
import { EXAMPLE_GEMINI } from '../../functions/analysis/profiles.ts';
import { FaultPlan } from '../../local/faults/plan.ts';
import { startFirestore } from '../../local/firestore/server.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { makePicture } from '../../test/faults/user.ts';
import { type GeminiOptions, startGemini } from '../../test/support/gemini-server.ts';
import { client } from '../../test/support/stack.ts';
import { type Artefact, bundlesOf } from './units.ts';

export interface SlowStack {
  stack: Stack;
  geminiUrl: string;
  /** The next uploads and analyses take this long, one each, in the order in which they come. */
  schedule(times: readonly ItemTimes[]): void;
  /** As `schedule`, but of uploads that `fetch` makes by itself. */
  scheduleInserts(times: readonly ItemTimes[]): void;
  close(): Promise<void>;
}

/** Milliseconds. */
export interface ItemTimes {
  upload: number;
  analysis: number;
}

interface SlowStackOptions {
  artefact: Artefact;
  environment?: Record<string, string>;
  /** See each call to Firestore. */
  interceptors?: ServerInterceptor[];
  /** Instead of good answers in the scheduled time. */
  respond?: GeminiOptions['respond'];
}

const STAGING = 'media-analysis-local-staging';
export const MODEL = EXAMPLE_GEMINI;

export async function startSlowStack(options: SlowStackOptions): Promise<SlowStack> {
  const delays: number[] = [];
  const gemini = await startGemini({
    respond: options.respond ?? (() => ({ delayMs: delays.shift() ?? 0 })),
  });
  const firestore = options.interceptors
    ? await startFirestore({ interceptors: options.interceptors })
    : undefined;
  if (firestore) process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${firestore.port}`;
  const faults = new FaultPlan();
  const stack = await startStack({
    faults,
    bundles: bundlesOf(options.artefact),
    environment: {
      LOG_LEVEL: 'silent',
      ANALYSIS_MODEL: `googleai/${MODEL}`,
      GEMINI_API_KEY: 'bench',
      GEMINI_BASE_URL: gemini.url,
      ...options.environment,
    },
  }).finally(() => {
    delete process.env.FIRESTORE_EMULATOR_HOST;
  });
  let scheduled = 0;
  const delay = (operation: string, times: readonly ItemTimes[]) => {
    delays.push(...times.map(({ analysis }) => analysis));
    scheduled += times.length;
    for (const { upload: ms } of times) faults.script('storage', operation, { kind: 'delay', ms });
  };
  await warmUp(stack);
  return {
    stack,
    geminiUrl: gemini.url,
    schedule: (times) => delay(`POST /b/${STAGING}/o/`, times),
    scheduleInserts: (times) => delay(`POST /upload/storage/v1/b/${STAGING}/o`, times),
    close: async () => {
      const met = faults.counts.get('storage.delay') ?? 0;
      if (met !== scheduled) throw new Error(`${met} of ${scheduled} uploads took their time.`);
      await stack.close();
      await gemini.close();
      await firestore?.close();
    },
  };
}

/** What a first item loads, sharp and Genkit above all, is not what an item costs. */
async function warmUp(stack: Stack): Promise<void> {
  const { media_ids } = await client(stack).analyze(await pictures(1));
  const [media] = await client(stack).results(media_ids);
  if (media?.status !== 'completed') throw new Error(`The first item: ${media?.error_message}`);
}

let made = 0;

/** No two alike, in whichever call: what was analysed before would not be analysed again. */
export const pictures = (count: number): Promise<File[]> =>
  Promise.all(Array.from({ length: count }, async () => (await makePicture(1, ++made)).file));
