/**
 * What an answer says and the plugin drops: why a prompt was blocked (200 without candidates, which the plugin takes
 * for an empty answer: https://ai.google.dev/api/generate-content#PromptFeedback), an error in the middle of a stream,
 * which model answered, and what a call took that came to nothing. Each decides whether another call can help, or what
 * is on the meter. The plugin's only seam below that is the global `fetch`, so the beginnings of the answers to our
 * own calls, and no others, are read in passing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { AnswerError, BlockedError } from './errors.ts';

const feedbackSchema = z.object({ promptFeedback: z.object({ blockReason: z.string() }) });

/** What is read of an answer. Its model is in its first event; a refusal, or an error, has a few hundred bytes. */
const MAX_CHARACTERS = 16_384;

interface Seen {
  body: string;
}

const calls = new AsyncLocalStorage<Seen>();
let watching = false;

/** @throws BlockedError, or AnswerError, in place of what `call` threw, if that is what its answer says. */
export async function watchAnswer<T>(call: () => Promise<T>): Promise<T> {
  watchFetch();
  const seen: Seen = { body: '' };
  try {
    return await calls.run(seen, call);
  } catch (cause) {
    const blockReason = firstOf(seen.body, feedbackSchema)?.promptFeedback.blockReason;
    if (blockReason !== undefined) {
      throw new BlockedError(`prompt blocked: ${blockReason}`, { cause });
    }
    // An answer that has begun with 200 may still end with an error. The plugin takes that for an empty one.
    const failed = firstOf(seen.body, errorSchema);
    throw failed ? new AnswerError(failed.error.message, failed, { cause }) : cause;
  }
}

function watchFetch(): void {
  if (watching) return;
  watching = true;
  const platformFetch = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    const response = await platformFetch(...request);
    const seen = calls.getStore();
    if (!seen || !response.ok || !response.body) return response;
    // A token of the service may have been fetched before it.
    seen.body = '';
    return new Response(response.body.pipeThrough(copyInto(seen)), response);
  };
}

function copyInto(seen: Seen): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  return new TransformStream({
    transform(chunk, controller) {
      if (seen.body.length < MAX_CHARACTERS) seen.body += decoder.decode(chunk, { stream: true });
      controller.enqueue(chunk);
    },
  });
}

/**
 * What the answer to the call under way says of the model that gave it. The plugin puts a streamed answer
 * together without it; Gemini repeats it in each event.
 */
export function answerHead(): Partial<z.infer<typeof headSchema>> {
  return firstOf(calls.getStore()?.body ?? '', headSchema) ?? {};
}

const headSchema = z.object({
  modelVersion: z.string(),
  /** Of the Gemini API only: https://ai.google.dev/api/generate-content#ModelStatus */
  modelStatus: z.object({ retirementTime: z.string().optional() }).optional().catch(undefined),
});

/** https://cloud.google.com/apis/design/errors#http_mapping */
const errorSchema = z.object({
  error: z.looseObject({ code: z.number(), message: z.string().default('') }),
});

/** What the events that have been seen of the call under way say of one thing. */
export function eventsWith<T>(schema: z.ZodType<T>): T[] {
  return allOf(calls.getStore()?.body ?? '', schema);
}

function firstOf<T>(body: string, schema: z.ZodType<T>): T | undefined {
  return allOf(body, schema)[0];
}

/** @param body JSON, or server-sent events of which each is JSON. */
function allOf<T>(body: string, schema: z.ZodType<T>): T[] {
  const events = body.startsWith('data:') ? body.split(/^data:/m) : [body];
  return events.flatMap((event) => {
    try {
      const found = schema.safeParse(JSON.parse(event));
      return found.success ? [found.data] : [];
    } catch {
      // Not whole, and then it says nothing.
      return [];
    }
  });
}
