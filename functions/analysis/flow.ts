/** The Genkit flow: one media in, what the model saw out, with the retries in between. */
import type { ModelOutput } from '@media-analysis/shared/analytics';
import { AppError, ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import { RETRY_DEFAULTS, retry } from '@media-analysis/shared/retry';
import { type GenerateOptions, type Genkit, type Part, z } from 'genkit';
import type { ModelMiddleware } from 'genkit/model';
import { quoted } from '../inspect/format.ts';
import type { MediaFacts } from '../inspect/index.ts';
import { readAnswered } from './answered.ts';
import { withBlockReason } from './block-reason.ts';
import { type Classified, classifyModelError } from './classify.ts';
import {
  BlockedError,
  CallTimeoutError,
  InvalidOutputError,
  RetryLaterError,
  ServiceWaitError,
} from './errors.ts';
import { isLocal } from './local.ts';
import type { Models } from './models.ts';
import type { Prompt, RenderPrompt } from './prompt.ts';
import type { Receipt } from './receipt.ts';
import { answerJsonSchema, parseModelOutput } from './schema.ts';

/** Plain JSON: Genkit writes it into its traces. */
export interface FlowInput {
  facts: MediaFacts;
  fileName: string;
  language: string;
}

/** What a model looks at: a data URL, or `gs://`. */
export interface ModelMedia {
  url: string;
  contentType: string;
}

/** How the flow waits. */
export interface Pace {
  /** `now()` by which everything must be over. */
  deadline: number;
  callTimeoutMs: number;
  now: () => number;
  random: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Passed as Genkit's `context`: what is not input. */
export interface FlowContext {
  pace: Pace;
  receipt: Receipt;
  /** @throws {AppError} for what this model does not take. */
  mediaFor: (model: string) => Promise<ModelMedia | null>;
}

export type AnalysisFlow = ReturnType<typeof defineAnalysisFlow>;

/** Its stream carries progress, 0 to 1. */
export function defineAnalysisFlow(ai: Genkit, models: Models, renderPrompt: RenderPrompt) {
  return ai.defineFlow(
    {
      name: 'analyzeMedia',
      inputSchema: z.custom<FlowInput>(),
      outputSchema: z.custom<ModelOutput>(),
      streamSchema: z.number(),
    },
    async (input, { context, abortSignal: signal, sendChunk }) => {
      const { pace, receipt, mediaFor } = context as unknown as FlowContext;
      const ask = async (model: string) => {
        const media = await mediaFor(model);
        const request = isLocal(model)
          ? localMessage(media, input)
          : pictureMessage(media, await renderFor(input, renderPrompt));
        const onText = (characters: number) => sendChunk(progressAfter(characters));
        const call = { ai, model, request, video: isVideo(input), onText, receipt, pace, signal };
        return askRepeatedly(call, input.fileName);
      };
      sendChunk(0.1);
      for (;;) {
        const model = models.next(pace.now());
        try {
          const output = await ask(model);
          models.answered(model, receipt);
          return output;
        } catch (error) {
          const isStopped =
            error instanceof ServiceWaitError && models.stop(model, error, pace.now());
          if (!isStopped) throw error;
        }
      }
    },
  );
}

/** An answer has about 1,500 characters; what is longer waits shortly before the end. */
function progressAfter(characters: number): number {
  return 0.1 + 0.8 * Math.min(1, characters / 1_500);
}

const isVideo = ({ facts }: FlowInput) => facts.kind === 'video';

function renderFor(input: FlowInput, render: RenderPrompt): Promise<Prompt> {
  return render(input.language, { video: isVideo(input) });
}

interface ModelCall {
  ai: Genkit;
  model: string;
  request: Pick<GenerateOptions, 'messages' | 'config'>;
  video: boolean;
  /** Told how long the answer is so far, in characters. */
  onText: (characters: number) => void;
  receipt: Receipt;
  pace: Pace;
  signal: AbortSignal;
}

async function askRepeatedly(call: ModelCall, fileName: string): Promise<ModelOutput> {
  const { pace, signal } = call;
  let calls = 0;
  try {
    return await retry(
      () => {
        calls++;
        return callModel(call);
      },
      {
        ...pace,
        signal,
        isRetryable: (error) => classifyModelError(error, pace.now()).retry === 'call',
        retryAfterMs: (error) => classifyModelError(error, pace.now()).retryAfterMs,
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw giveUp(error, fileName, calls, pace.now());
  }
}

async function callModel(call: ModelCall): Promise<ModelOutput> {
  const { ai, model, request, video, onText, receipt, pace, signal } = call;
  const { callTimeoutMs, deadline, now } = pace;
  receipt.call(model);
  let characters = 0;
  const timeout = AbortSignal.timeout(Math.max(1, Math.min(callTimeoutMs, deadline - now())));
  try {
    const { text } = await withBlockReason(() =>
      ai.generate({
        model,
        ...request,
        output: { format: 'json', jsonSchema: answerJsonSchema({ video }), constrained: true },
        use: [readAnswer(receipt)],
        // Asked for as a stream, so that a long analysis can be seen to go on.
        onChunk: ({ text }) => {
          characters += text.length;
          onText(characters);
        },
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
function pictureMessage(media: ModelMedia | null, { messages, config }: Prompt) {
  const withMedia = messages.map(({ role, content }) => ({
    role,
    content: role === 'user' && media ? [{ media }, ...content] : content,
  }));
  return { messages: withMedia, config };
}

function localMessage(media: ModelMedia | null, { facts, language }: FlowInput) {
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
    receipt.answered(readAnswered(response));
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
  const retryAt = now + (kind.retryAfterMs ?? RETRY_DEFAULTS.maxDelayMs);
  const isOfService = kind.retry === 'later' || (outOfTime && kind.code === 'analysis_quota');
  if (isOfService) return new ServiceWaitError(kind.code, retryAt, { cause: error });
  if (outOfTime) return new RetryLaterError(kind.code, retryAt, { cause: error });
  return toPublicError(kind, fileName, error);
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  unsupported_media_type: 'The model takes no file of this kind. Send another one.',
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
