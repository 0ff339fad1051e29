/**
 * Tells a blocked prompt from an empty answer.
 *
 * When Gemini blocks a prompt it answers 200 without candidates and says why in `promptFeedback`
 * (https://ai.google.dev/api/generate-content#PromptFeedback). The plugin makes of it the same
 * "No valid candidates returned." as of an answer that just came out empty, and drops the reason;
 * but one must not be tried again, and the other must. The plugin's only seam below that is the
 * global `fetch`, so responses to our own calls, and no others, are read on their way through it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { BlockedError } from './errors.ts';

const feedbackSchema = z.object({ promptFeedback: z.object({ blockReason: z.string() }) });

const calls = new AsyncLocalStorage<{ blockReason?: string }>();
let watching = false;

/** @throws BlockedError in place of what `call` threw, if its prompt was blocked. */
export async function withBlockReason<T>(call: () => Promise<T>): Promise<T> {
  watchFetch();
  const seen: { blockReason?: string } = {};
  try {
    return await calls.run(seen, call);
  } catch (cause) {
    if (seen.blockReason === undefined) throw cause;
    throw new BlockedError(`prompt blocked: ${seen.blockReason}`, { cause });
  }
}

function watchFetch(): void {
  if (watching) return;
  watching = true;
  const platformFetch = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    const response = await platformFetch(...request);
    const seen = calls.getStore();
    if (!seen || !response.ok) return response;
    const body = await response.text();
    const blockReason = readBlockReason(body);
    if (blockReason !== undefined) seen.blockReason = blockReason;
    return new Response(body, response);
  };
}

function readBlockReason(body: string): string | undefined {
  try {
    return feedbackSchema.safeParse(JSON.parse(body)).data?.promptFeedback.blockReason;
  } catch {
    return undefined;
  }
}
