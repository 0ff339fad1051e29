/**
 * The whole product, with storing and analysing as slow as the bench wants: Cloud Storage delays the copy
 * of an object, and a Gemini API on this machine delays its answer.
 */
import type { ServerInterceptor } from '@grpc/grpc-js';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import { makePicture } from '../../test/faults/user.ts';
import { type GeminiOptions, startGemini } from '../../test/support/gemini-server.ts';
import { client } from '../../test/support/stack.ts';
import { type Artefact, bundlesOf } from './units.ts';

export interface SlowStack {
  stack: Stack;
  geminiUrl: string;
  /**
   * Sets the durations of the next uploads and analyses, one entry for each, in the order in which they
   * arrive.
   */
  schedule(times: readonly ItemTimes[]): void;
  /** Like `schedule`, for uploads that the bench itself sends with `fetch`. */
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
  /** Intercept each call to Firestore. */
  interceptors?: ServerInterceptor[];
  /** Replaces the good answers with a scheduled delay. */
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
      if (met !== scheduled)
        throw new Error(`Only ${met} of ${scheduled} scheduled uploads were delayed.`);
      await stack.close();
      await gemini.close();
      await firestore?.close();
    },
  };
}

/** Sends a first item through the product. It loads sharp, Genkit and more, and is not measured. */
async function warmUp(stack: Stack): Promise<void> {
  const { media_ids } = await client(stack).analyze(await pictures(1));
  const [media] = await client(stack).results(media_ids);
  if (media?.status !== 'completed')
    throw new Error(`The first item failed: ${media?.error_message}`);
}

let made = 0;

/**
 * Returns pictures that are all different, over all calls: a picture that was analysed before would not
 * be analysed again.
 */
export const pictures = (count: number): Promise<File[]> =>
  Promise.all(Array.from({ length: count }, async () => (await makePicture(1, ++made)).file));
