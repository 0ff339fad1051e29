/** The Genkit flow: one media in, what the model saw out, with the retries in between. */
import type { ModelOutput } from '@media-analysis/shared/analytics';
import { AppError, ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import { RETRY_DEFAULTS, retry } from '@media-analysis/shared/retry';
import { type Genkit, type Part, z } from 'genkit';
import type { ModelMiddleware } from 'genkit/model';
import { quoted } from '../inspect/format.ts';
import type { MediaFacts } from '../inspect/index.ts';
import { withBlockReason } from './block-reason.ts';
import { type Classified, classifyModelError } from './classify.ts';
import { BlockedError, CallTimeoutError, InvalidOutputError, RetryLaterError } from './errors.ts';
import { systemPrompt, USER_PROMPT } from './prompt.ts';
import { answerJsonSchema, parseModelOutput } from './schema.ts';

/** Plain JSON: Genkit writes it into its traces. */
export interface FlowInput {
  /** Data URL of what the model looks at. */
  media: { url: string; contentType: string } | null;
  facts: MediaFacts;
  fileName: string;
  language: string;
}

export interface FlowOutput {
  output: ModelOutput;
  receipt: Receipt;
}

/** What all calls of one analysis consumed, failed ones included. */
export interface Receipt {
  calls: number;
  input: number;
  output: number;
}

/** How the flow waits; passed in Genkit's `context`, under `pace`. */
export interface Pace {
  /** `now()` by which everything must be over. */
  deadline: number;
  callTimeoutMs: number;
  now: () => number;
  random: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Far above any honest answer: it only stops a model that repeats itself without end. */
const MAX_OUTPUT_TOKENS = 16_384;

export type AnalysisFlow = ReturnType<typeof defineAnalysisFlow>;

/** Its stream carries progress, 0 to 1. */
export function defineAnalysisFlow(ai: Genkit, model: string) {
  return ai.defineFlow(
    {
      name: 'analyzeMedia',
      inputSchema: z.custom<FlowInput>(),
      outputSchema: z.custom<FlowOutput>(),
      streamSchema: z.number(),
    },
    async (input, { context, abortSignal: signal, sendChunk }) => {
      const pace: Pace = context?.pace;
      const receipt: Receipt = { calls: 0, input: 0, output: 0 };
      sendChunk(0.1);
      try {
        const output = await retry(() => callModel(ai, model, input, receipt, pace, signal), {
          ...pace,
          signal,
          isRetryable: (error) => classifyModelError(error, pace.now()).retry === 'call',
          retryAfterMs: (error) => classifyModelError(error, pace.now()).retryAfterMs,
        });
        sendChunk(0.9);
        return { output, receipt };
      } catch (error) {
        signal.throwIfAborted();
        throw giveUp(error, input.fileName, receipt.calls, pace.now());
      }
    },
  );
}

async function callModel(
  ai: Genkit,
  model: string,
  input: FlowInput,
  receipt: Receipt,
  { deadline, callTimeoutMs, now }: Pace,
  signal: AbortSignal,
): Promise<ModelOutput> {
  receipt.calls++;
  const timeout = AbortSignal.timeout(Math.max(1, Math.min(callTimeoutMs, deadline - now())));
  try {
    const { text } = await withBlockReason(() =>
      ai.generate({
        model,
        ...(model.startsWith('local/') ? localMessage(input) : pictureMessage(input)),
        output: { format: 'json', jsonSchema: answerJsonSchema, constrained: true },
        use: [readAnswer(receipt)],
        abortSignal: AbortSignal.any([signal, timeout]),
      }),
    );
    return parseModelOutput(text);
  } catch (error) {
    if (!timeout.aborted) throw error;
    throw new CallTimeoutError('no answer from the model', { cause: error });
  }
}

/** The file's name stays here: it may tell more than the picture, and may try to give orders. */
function pictureMessage({ media, language }: FlowInput) {
  const content: Part[] = [...(media ? [{ media }] : []), { text: USER_PROMPT }];
  return {
    system: systemPrompt(language),
    messages: [{ role: 'user' as const, content }],
    config: { maxOutputTokens: MAX_OUTPUT_TOKENS },
  };
}

function localMessage({ media, facts, language }: FlowInput) {
  const content: Part[] = [{ data: { facts, language } }, ...(media ? [{ media }] : [])];
  return { messages: [{ role: 'user' as const, content }] };
}

/**
 * Sees each answer before Genkit judges it: Genkit would throw a bad one away together with its
 * token count, though it was paid for, and would mend cut-off JSON by guessing its end.
 */
function readAnswer(receipt: Receipt): ModelMiddleware {
  return async (request, next) => {
    const response = await next(request);
    const { inputTokens = 0, outputTokens = 0, thoughtsTokens = 0 } = response.usage ?? {};
    receipt.input += inputTokens;
    receipt.output += outputTokens + thoughtsTokens;
    const { message, finishReason } = response.candidates?.[0] ?? response;
    if (finishReason === 'blocked') throw new BlockedError('answer blocked');
    const text = message?.content.map((part) => part.text ?? '').join('') ?? '';
    if (finishReason === 'length') throw new InvalidOutputError('answer cut off');
    parseModelOutput(text);
    return response;
  };
}

/** What the caller gets when no further call is made. */
function giveUp(error: unknown, fileName: string, calls: number, now: number): Error {
  const kind = classifyModelError(error, now);
  // An error worth another call, and calls left, means that the wait did not fit the deadline.
  const outOfTime = kind.retry === 'call' && calls <= RETRY_DEFAULTS.retries;
  if (kind.retry === 'later' || outOfTime) {
    const wait = kind.retryAfterMs ?? RETRY_DEFAULTS.maxDelayMs;
    return new RetryLaterError(kind.code, now + wait, { cause: error });
  }
  return toPublicError(kind, fileName, error);
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  analysis_blocked: 'Its safety rules forbid the model to describe this file. Send another one.',
  analysis_rejected:
    'The analysis service refused the request. If another try does not help, tell whoever runs this site.',
  analysis_invalid_output: 'The model gave no usable answer, several times. Try again.',
  analysis_quota: 'The analysis service is at its limit. Try again later.',
  analysis_unavailable:
    'The analysis service does not answer at the moment. Try again in a minute.',
  analysis_timeout: 'The analysis service took too long. Try again in a minute.',
};

function toPublicError({ code, retryAfterMs }: Classified, fileName: string, cause: unknown) {
  const message = MESSAGES[code] ?? `${ERRORS[code].title}. Try again in a moment.`;
  return new AppError(code, `${quoted(fileName)} was not analysed. ${message}`, {
    cause,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
