/**
 * Reads the parts of an answer that the plugin drops: why a prompt was blocked (status 200 without candidates, which
 * the plugin treats as an empty answer: https://ai.google.dev/api/generate-content#PromptFeedback), an error in the
 * middle of a stream, which model answered, and the tokens of a call without a result. They decide whether another
 * call can help, and what the analysis costs. The plugin has no other hook than the global `fetch`. So this file
 * copies the start of each answer there, only for our own calls.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { AnswerError, BlockedError } from './errors.ts';

const feedbackSchema = z.object({ promptFeedback: z.object({ blockReason: z.string() }) });

/** How much of an answer is copied. Its first event names the model; a refusal or an error has a few hundred bytes. */
const MAX_CHARACTERS = 16_384;

interface Seen {
  body: string;
}

const calls = new AsyncLocalStorage<Seen>();
let watching = false;

/** @throws {BlockedError} {@link AnswerError} instead of the error of `call`, if the answer says so */
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
    // An answer with status 200 may still end with an error. The plugin treats that as an empty answer.
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
    // The call may have fetched a token before its answer.
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
 * The model of the running call's answer. The plugin leaves it out when it joins a streamed answer. Gemini repeats it
 * in each event.
 */
export function answerHead(): Partial<z.infer<typeof headSchema>> {
  return firstOf(calls.getStore()?.body ?? '', headSchema) ?? {};
}

const headSchema = z.object({
  modelVersion: z.string(),
  /** Only in the Gemini API: https://ai.google.dev/api/generate-content#ModelStatus */
  modelStatus: z.object({ retirementTime: z.string().optional() }).optional().catch(undefined),
});

/** https://cloud.google.com/apis/design/errors#http_mapping */
const errorSchema = z.object({
  error: z.looseObject({ code: z.number(), message: z.string().default('') }),
});

/** The parts of the running call's events that fit `schema`. */
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
      // An incomplete event is skipped.
      return [];
    }
  });
}
