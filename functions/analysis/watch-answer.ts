/**
 * Reads the parts of an answer that the plugin drops: why a prompt was blocked (status 200 without candidates, which the plugin
 * treats as an empty answer: https://ai.google.dev/api/generate-content#PromptFeedback), an error in the middle of a stream,
 * which model answered, and the tokens of a call without a result. They decide whether another call can help, and what the
 * analysis costs. The plugin's only hook is the global `fetch`, so each answer to our calls passes through this file, which
 * copies its start. It changes two things: a token count that is not a number is renamed (`readable`), and an answer that does
 * not end is broken off (`MAX_ANSWER_BYTES`).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { AnswerError, BlockedError, CutOffError, UnavailableError } from './errors.ts';
import { patientDispatcher } from './patient-dispatcher.ts';
import { foreignAnswer, unreachable } from './unreachable.ts';

const feedbackSchema = z.object({ promptFeedback: z.object({ blockReason: z.string() }) });

/** This much of an answer is copied. Its first event names the model. A refusal or an error has a few hundred bytes. */
const MAX_CHARACTERS = 16_384;

/** An answer at the token limit has about 100 kB of text, in events. A longer one has no end. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

interface Seen {
  /** The answer may begin late. */
  isPatient: boolean;
  /** Only of an answer with a good status. */
  head: Pick<Response, 'status' | 'url' | 'headers'> | undefined;
  body: string;
  /** The last line with a count of tokens, which includes all before it. */
  lastUsage: string;
  /** The answer was not broken off. */
  isEnded: boolean;
  /** Why the rest of the answer was not read. */
  refused?: CutOffError | UnavailableError;
  /** Why no byte of the call has left. */
  unreachable: UnavailableError | undefined;
}

const NOTHING_SEEN: Omit<Seen, 'isPatient'> = {
  head: undefined,
  body: '',
  lastUsage: '',
  isEnded: false,
  unreachable: undefined,
};

const calls = new AsyncLocalStorage<Seen>();
let watching = false;

/**
 * @throws {BlockedError}, {@link AnswerError} or {@link UnavailableError} instead of the error of `call`, if the answer has that
 *   reason, or none came
 */
export async function watchAnswer<T>(call: () => Promise<T>, isPatient = false): Promise<T> {
  watchFetch();
  const seen = { ...NOTHING_SEEN, isPatient };
  try {
    return await calls.run(seen, call);
  } catch (cause) {
    if (seen.unreachable) throw seen.unreachable;
    const foreign = seen.head && foreignAnswer(seen.head, seen.body, seen.isEnded);
    if (foreign) throw foreign;
    // The plugin's error says only that it could not read the stream.
    if (seen.refused) throw seen.refused;
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
  globalThis.fetch = async (address, options) => {
    const seen = calls.getStore();
    // The call may have fetched a token first.
    if (seen) Object.assign(seen, NOTHING_SEEN);
    const patience = seen?.isPatient ? patientDispatcher() : {};
    const response = await platformFetch(address, { ...options, ...patience }).catch(
      (error: Error) => {
        // The plugin drops the cause.
        if (seen) seen.unreachable = unreachable(error, address);
        throw error;
      },
    );
    const { ok } = response;
    if (seen && ok) seen.head = response;
    if (!seen || !response.body) return response;
    const maxBytes = ok ? MAX_ANSWER_BYTES : MAX_ERROR_BYTES;
    const copy = copyInto(seen, maxBytes, ok);
    return new Response(response.body.pipeThrough(copy), response);
  };
}

/** @param isKept Copies the start of the answer. */
function copyInto(
  seen: Seen,
  maxBytes: number,
  isKept: boolean,
): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let bytes = 0;
  /** An incomplete line: a name and its value must be seen together. */
  let line = '';
  const noteUsage = (each: string) => {
    if (isKept && each.includes('"usageMetadata"')) seen.lastUsage = each;
  };
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        // The plugin keeps the whole answer. An endless one would take all memory before the call times out.
        const message = `the answer is longer than ${maxBytes} bytes`;
        seen.refused = isKept ? new CutOffError(message) : new UnavailableError(message);
        controller.error(seen.refused);
        return;
      }
      const text = decoder.decode(chunk, { stream: true });
      if (isKept && seen.body.length < MAX_CHARACTERS) seen.body += text;
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const each of lines) noteUsage(each);
      if (lines.length > 0) controller.enqueue(encoder.encode(`${readable(lines.join('\n'))}\n`));
    },
    flush(controller) {
      line += decoder.decode();
      noteUsage(line);
      seen.isEnded = true;
      controller.enqueue(encoder.encode(readable(line)));
    },
  });
}

/** Genkit refuses the whole answer if a token count is not a number. So such a count is renamed, and not known. */
function readable(text: string): string {
  return text.replace(/"(\w*TokenCount)"(\s*:\s*)(?!-?\d{1,15}(\.\d+)?\s*[,}])/g, '"not_$1"$2');
}

/** The model of the current answer. The plugin drops it when it joins a streamed answer. Gemini repeats it in each event. */
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

/** The current answer's events that fit `schema`. */
export function eventsWith<T>(schema: z.ZodType<T>): T[] {
  return allOf(calls.getStore()?.body ?? '', schema);
}

/** The current answer's last event with a token count, if it fits `schema`, and whether the answer ended by itself. */
export function lastUsage<T>(schema: z.ZodType<T>): { event: T | undefined; isEnded: boolean } {
  const { lastUsage = '', isEnded = false } = calls.getStore() ?? {};
  return { event: firstOf(lastUsage, schema), isEnded };
}

function firstOf<T>(body: string, schema: z.ZodType<T>): T | undefined {
  return allOf(body, schema)[0];
}

/** @param body JSON, or server-sent events with JSON. */
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
