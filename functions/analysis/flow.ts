/** The Genkit flow: takes one media and returns what the model answers about it, with the retries in between. */
import type { Description, Tier } from '@media-analysis/shared/analytics';
import { AppError, ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import { RETRY_DEFAULTS, retry } from '@media-analysis/shared/retry';
import { type Genkit, type MessageData, type Part, z } from 'genkit';
import type { GenerateResponseData, ModelMiddleware } from 'genkit/model';
import type { MediaFacts } from '../inspect/facts.ts';
import { quoted } from '../inspect/format.ts';
import { isServiceFault } from '../process/service-fault.ts';
import { startTimeLimit } from '../process/time-limit.ts';
import type { Said } from './answer-text.ts';
import { type AnswerReader, plainReader } from './answered.ts';
import { DESCRIBE } from './catalog/analyses.ts';
import { type Classified, MODEL_MISSING } from './classified.ts';
import { classifyModelError, isFreeOfCharge } from './classify.ts';
import {
  CallLimitError,
  CallTimeoutError,
  CutOffError,
  ForeignAnswerError,
  InvalidOutputError,
  RetryLaterError,
  ServiceWaitError,
} from './errors.ts';
import { FLEX_CALL_MS } from './flex.ts';
import type { Frame } from './frame.ts';
import type { Models } from './models.ts';
import { hasTier, looksAtFrames, profileOf, providerFor, takesKind } from './profiles.ts';
import { type Wish, withMedia } from './prompt.ts';
import { isFree, type ModelConfig } from './providers/provider.ts';
import { type Asked, type Question, secondWish } from './question.ts';
import type { UsageMeter } from './usage-meter.ts';
import { highestCostInUsd, worstCaseOf } from './worst-case.ts';

/** Plain JSON, because Genkit writes it into its traces. */
export interface FlowInput {
  facts: MediaFacts;
  fileName: string;
  language: string;
  /** Absent: `describe`. */
  asked?: Asked;
  /** What the sender of a video has sent along; absent: nothing. */
  frames?: readonly Frame[];
}

/** `describe` gives a description, and each other analysis what its schema says. */
type Output = Description | Record<string, unknown>;

/** The picture or video for a model. */
export interface ModelMedia {
  /** A data URL, or an address for the model's provider: `https:` or `gs:`. */
  url: string;
  contentType: string;
  /** Removes a file that was stored for this model only. Never fails. */
  remove?: () => Promise<void>;
}

/** How long the flow may wait. */
interface CallTiming {
  /** The flow must end at this time, by the clock of `now()`. */
  deadline: number;
  callTimeoutMs: number;
  now: () => number;
  random: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Asked before each call to a model that costs money.
 * @param highestUsd The most that the call can cost, in US dollars.
 * @returns called once when the call has ended
 * @throws {CallLimitError} if no more calls may be made for this media; {ServiceWaitError} if not now
 */
export type Pay = (highestUsd: number) => Promise<EndOfCall>;

/**
 * @param usd What the call has cost, or an upper limit if that is not known; undefined: the service refused the call, or
 *   was not reached.
 */
type EndOfCall = (usd: number | undefined) => void;

/** Genkit's `context`: everything that is not input. */
export interface FlowContext {
  timing: CallTiming;
  meter: UsageMeter;
  /** Those that may be asked. */
  models: Models;
  /** When the media was last made to wait, in epoch milliseconds; undefined: it was not. */
  waitingSince: number | undefined;
  /** Calls for this analysis in earlier deliveries of the attempt, as far as they may have been paid for. */
  callsBefore: number;
  /** Absent: calls are neither counted nor limited. */
  pay?: Pay | undefined;
  /** @throws {AppError} if this model does not accept the media */
  mediaFor: (
    model: string,
    signal: AbortSignal,
  ) => Promise<ModelMedia | readonly ModelMedia[] | null>;
  /** With the tier of the calls. */
  config: ModelConfig;
}

export type AnalysisFlow = ReturnType<typeof defineAnalysisFlow>;

/** The stream of this flow reports progress, 0 to 1. */
export function defineAnalysisFlow(ai: Genkit, questionFor: (asked: Asked) => Promise<Question>) {
  return ai.defineFlow(
    {
      name: 'analyzeMedia',
      inputSchema: z.custom<FlowInput>(),
      outputSchema: z.custom<Output>(),
      streamSchema: z.number(),
    },
    async (input, { context, abortSignal: signal, sendChunk }) => {
      const { timing, meter, models, pay, mediaFor, waitingSince, callsBefore, config } =
        context as unknown as FlowContext;
      const { asked = { name: DESCRIBE, input: {} } } = input;
      const question = await questionFor(asked);
      const { tier } = config;
      const takes = (model: string) =>
        takesKind(model, input.facts.kind, input.frames !== undefined) &&
        (!tier || hasTier(model, tier, config));
      const ask = async (model: string) => {
        const found = await mediaFor(model, signal).catch((error: unknown) => {
          signal.throwIfAborted();
          const isKnown = error instanceof AppError || error instanceof RetryLaterError;
          // Cloud Storage, from which a video is read, is not the model.
          if (isKnown || isServiceFault(error)) throw error;
          const kind = kindOf(error, { model, tier, now: timing.now() });
          const { fileName } = input;
          const now = timing.now();
          throw giveUp(error, { kind, model, fileName, retries: RETRY_DEFAULTS.retries, now });
        });
        const media = found === null ? [] : [found].flat();
        const onText = (characters: number) => sendChunk(progressAfter(characters));
        const messagesFor = (wish: Wish) => messagesTo(model, media, input, wish, question);
        const call = {
          ...{ ai, model, models, takes, facts: input.facts },
          ...{ question, messagesFor, onText, meter, callsBefore, pay, config, signal },
          timing: { ...timing, callTimeoutMs: callTimeoutOf(model, timing, input, tier) },
        };
        try {
          return await askTwice(call, isVideo(input), input.fileName);
        } finally {
          for (const each of media) await each.remove?.();
        }
      };
      if (!models.all.some(takes)) throw noVideos(input.fileName);
      sendChunk(0.1);
      for (;;) {
        const turn = models.next(timing.now(), takes);
        const { model } = turn;
        try {
          const output = await ask(model);
          models.answered(model, meter, timing.now());
          return output;
        } catch (error) {
          // A limit of our own says nothing about the model, and a model of our own is never away.
          const isOurs = providerFor(model).ours !== undefined;
          if (!(error instanceof ServiceWaitError) || error.code === 'analysis_spend_cap' || isOurs)
            throw error;
          const { code, retryAt, cause } = error;
          // A cheap tier turns away whom it likes.
          const mayBeTheFile =
            !turn.isProbe &&
            !(tier && code === 'analysis_unavailable') &&
            models.wasWellSince(model, waitingSince ?? turn.startedAt);
          const isStopped = models.failed(turn, error, timing.now());
          if (mayBeTheFile && FAULTS_OF_FILES.has(code)) {
            throw new RetryLaterError(code, retryAt, { cause });
          }
          if (!isStopped) throw error;
        } finally {
          models.ended(turn, timing.now());
        }
      }
    },
  );
}

/** A service that answers others, and fails in one of these ways for one file again and again, fails because of it. */
const FAULTS_OF_FILES: ReadonlySet<ErrorCode> = new Set([
  'analysis_unavailable',
  'analysis_timeout',
]);

/** As long as the longest pause between calls that nobody asked for. */
const LONG_WAIT_MS = RETRY_DEFAULTS.maxDelayMs;

/** So many calls of one attempt may be paid for without an answer that can be used, if the model answers at all. */
const MOST_UNUSABLE = 2;

/** A model processes all frames of a video before its first word, and that is paid for even if we cut the call off. */
const VIDEO_TIMEOUT_FACTOR = 3;

function callTimeoutOf(
  model: string,
  { callTimeoutMs }: CallTiming,
  input: FlowInput,
  tier: Tier | undefined,
) {
  // Its process has a limit of CPU time: how busy the machine is says nothing about it.
  if (providerFor(model).ours) return Number.POSITIVE_INFINITY;
  const usual = callTimeoutMs * (isVideo(input) ? VIDEO_TIMEOUT_FACTOR : 1);
  return tier === 'flex' ? Math.max(FLEX_CALL_MS, usual) : usual;
}

/** An answer has about 1,500 characters. During a longer one the progress waits shortly before the end. */
function progressAfter(characters: number): number {
  return 0.1 + 0.8 * Math.min(1, characters / 1_500);
}

const isVideo = ({ facts }: FlowInput) => facts.kind === 'video';

/** Said before anything is copied for a model or paid for. */
function noVideos(fileName: string): AppError {
  return new AppError(
    'video_without_frames',
    `${quoted(fileName)} is stored, but not analysed: it was sent without frames, and this site’s model looks at pictures and not at videos. Send a photo of what matters in it, or the video by a page that can play it.`,
  );
}

interface ModelCall {
  ai: Genkit;
  model: string;
  models: Models;
  /** Whether a model takes this kind of media. */
  takes: (model: string) => boolean;
  facts: MediaFacts;
  question: Question;
  messagesFor: (wish: Wish) => Promise<MessageData[]>;
  /** Called with the length of the answer so far, in characters. */
  onText: (characters: number) => void;
  meter: UsageMeter;
  callsBefore: number;
  pay: Pay | undefined;
  config: ModelConfig;
  timing: CallTiming;
  signal: AbortSignal;
}

/** Asks, and after an answer that cannot be used asks once more: for less, or with what was wrong. */
async function askTwice(call: ModelCall, video: boolean, fileName: string): Promise<Output> {
  const { model, models, takes, meter, callsBefore, config, timing, signal } = call;
  const kind = (error: unknown) => kindOf(error, { model, tier: config.tier, now: timing.now() });
  // Another delivery may have found out meanwhile that there is an outage. And a probe is one call. A tier that has no room
  // has none a few seconds later.
  const isWorthACall = ({ retry, code, retryAfterMs = 0 }: Classified) => {
    const isPointless = models.isStopped(model) || config.tier === 'flex';
    if (retry !== 'call' || (OF_SERVICE.has(code) && isPointless)) return false;
    // Nobody waits long for one model while another one may answer.
    return retryAfterMs <= LONG_WAIT_MS || !models.hasOther(model, timing.now(), takes);
  };
  let wish: Wish = { video, transcript: true, brief: false };
  let unusable: { error: unknown; wish: Wish } | undefined;
  let retries: number = RETRY_DEFAULTS.retries;
  for (;;) {
    try {
      return await retry(() => callModel(call, wish), {
        ...timing,
        signal,
        retries,
        onRetry: () => retries--,
        isRetryable: (error) => isWorthACall(kind(error)),
        retryAfterMs: (error) => kind(error).retryAfterMs,
      });
    } catch (error) {
      signal.throwIfAborted();
      const second = secondWish(wish, error, kind(error).code);
      const made = callsBefore + meter.attempts - meter.refusals;
      if (second && made < MOST_UNUSABLE && !providerFor(model).ours) {
        unusable = { error, wish };
        wish = second;
        continue;
      }
      // The second call may not be made, so the first answer is what there is to be said.
      const last = (error instanceof CallLimitError && unusable) || { error, wish };
      const why = { ...last, kind: kind(last.error), now: timing.now() };
      const end = giveUp(last.error, { ...why, model, fileName, retries });
      const isOfModel = end instanceof AppError && end !== last.error && end.code !== 'internal';
      if (isOfModel || hasBegun(error)) models.isThere(model, timing.now());
      throw end;
    }
  }
}

async function callModel(call: ModelCall, wish: Wish): Promise<Output> {
  const { ai, model, facts, question, messagesFor, onText, meter, pay, config, timing, signal } =
    call;
  const provider = providerFor(model);
  const reader = (await provider.reader?.()) ?? plainReader;
  const profile = profileOf(model, config);
  const { callTimeoutMs, deadline, now } = timing;
  const messages = await messagesFor(wish);
  const schema = question.schemaFor(wish);
  const tokens = worstCaseOf(model, facts, messages, JSON.stringify(schema).length);
  // A price may rise before the answer is there, and a call in a tier may be billed as an ordinary one.
  const times = [now(), Math.max(now(), deadline)];
  const usual = { ...config, tier: undefined };
  const costUsd = Math.max(...times.map((time) => highestCostInUsd(model, tokens, time, usual)));
  const end = isFree(profile) ? undefined : await pay?.(costUsd);
  if (signal.aborted) end?.(undefined);
  signal.throwIfAborted();
  meter.call(model, { tokens, costUsd });
  let characters = 0;
  let output: Output | undefined;
  const limit = startTimeLimit(Math.max(1, Math.min(callTimeoutMs, deadline - now())));
  const { signal: timeout } = limit;
  const readAnswer: ModelMiddleware = async (request, next) => {
    // The schema is set here and not in Genkit, which would refuse answers that are only nearly right.
    const response = await next({
      ...request,
      output: { ...request.output, schema, constrained: true },
    }).catch((error: unknown) => {
      const unread = reader.readUnfinished();
      if (unread) meter.answered(unread);
      throw error;
    });
    output = readResponse(response, reader, meter, (said) => question.read(said, wish));
    // All is read. Genkit would look for the tools that the model calls.
    return { message: { role: 'model', content: [{ text: '{}' }] }, finishReason: 'stop' };
  };
  try {
    const generate = () =>
      ai.generate({
        model,
        messages,
        config: configOf(
          provider.callConfig(profile, { ...wish, tier: config.tier }),
          question.config,
        ),
        output: { format: 'json' },
        use: [readAnswer],
        // Streamed, so that a long analysis shows its progress.
        onChunk: ({ text }) => {
          characters += text.length;
          onText(characters);
        },
        abortSignal: AbortSignal.any([signal, timeout]),
      });
    await reader.watch(generate, config.tier === 'flex');
  } catch (error) {
    const isCutOff = timeout.aborted || signal.aborted;
    const isFree =
      error instanceof ForeignAnswerError || (!isCutOff && isFreeOfCharge(error, provider));
    if (isFree) meter.refused();
    else meter.cutOff();
    const cause = withoutAnswer(error);
    // The delivery has no time left. Its work goes on, and the next delivery gets what comes of it.
    if (timeout.aborted && provider.ours) {
      throw new ServiceWaitError('analysis_timeout', now(), { cause });
    }
    throw timeout.aborted ? new CallTimeoutError({ cause, hasBegun: characters > 0 }) : cause;
  } finally {
    limit.clear();
    end?.(meter.wasRefused ? undefined : (meter.lastCost ?? costUsd));
  }
  if (!output) throw new Error('Genkit has not called the model.');
  return output;
}

/** The plugin's error repeats the unreadable answer. But a model's words about a picture must not be logged. */
function withoutAnswer(error: unknown): unknown {
  const { message } = error as Error;
  return /parse stream|parsing JSON response|Unsupported GeminiPart/.test(message)
    ? new InvalidOutputError('the answer cannot be read')
    : error;
}

/** The settings of a prompt, but for what the price of a call is reckoned by. */
function configOf(usual: Record<string, unknown>, { maxOutputTokens, ...own }: Question['config']) {
  const most = usual.maxOutputTokens;
  const isLess =
    maxOutputTokens !== undefined && typeof most === 'number' && maxOutputTokens < most;
  return { ...usual, ...own, ...(isLess && { maxOutputTokens }) };
}

async function messagesTo(
  model: string,
  media: readonly ModelMedia[],
  { facts, fileName, language, frames }: FlowInput,
  wish: Wish,
  { asked, render }: Question,
): Promise<MessageData[]> {
  if (providerFor(model).ours) {
    const data = { facts, fileName, language, analysis: asked.name, ...(frames && { frames }) };
    return withMedia([{ role: 'user', content: [{ data }] }], media.map(toPart));
  }
  // The file's name is not sent: it may say more than the picture, and may try to give orders.
  const isFrames = frames !== undefined && looksAtFrames(model);
  const parts = isFrames ? framesInWords(frames, media.map(toPart)) : media.map(toPart);
  return withMedia(await render(language, wish), parts);
}

const toPart = ({ url, contentType }: ModelMedia): Part => ({ media: { url, contentType } });

/** Each picture after the words that say when it is seen. Nobody knows whether it is really a frame of the video. */
function framesInWords(frames: readonly Frame[], pictures: readonly Part[]): Part[] {
  const first = `The ${pictures.length} pictures are frames of one video, as its sender has chosen them. What is between them, and its sound, is not known.`;
  return [
    { text: first },
    ...pictures.flatMap((picture, n) => [
      { text: `\nFrame ${n + 1}, at ${frames[n]?.time_s ?? 0} s:\n` },
      picture,
    ]),
  ];
}

/**
 * Reads each answer before Genkit validates it. Genkit would drop a bad answer together with its token count,
 * although it was paid for, and would repair cut-off JSON by guessing its end.
 */
function readResponse(
  response: GenerateResponseData,
  reader: AnswerReader,
  meter: UsageMeter,
  read: (said: Said) => Output,
): Output {
  const { message } = response.candidates?.[0] ?? response;
  const content = message?.content ?? [];
  const text = content.map((part) => part.text ?? '').join('');
  const calls = content.flatMap(({ toolRequest }) => (toolRequest ? [toolRequest.input] : []));
  const thoughts = content.map((part) => part.reasoning ?? '').join('');
  const hasAnswer = text.trim() !== '' || calls.length > 0;
  meter.answered(reader.read(response, hasAnswer || thoughts !== ''));
  try {
    reader.checkFinish(response);
  } catch (error) {
    if (error instanceof CutOffError && isJson(text)) return read([text]);
    throw error;
  }
  // Some servers put the answer where thoughts are, and nothing elsewhere. Beside other thoughts it may be a draft.
  return read(hasAnswer ? [text, ...calls] : isJson(thoughts) ? [thoughts] : ['']);
}

/** A model may write spaces after the end of its JSON, up to the token limit. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Errors with which a service answers everybody, or with which it does not answer. */
const OF_SERVICE: ReadonlySet<ErrorCode> = new Set([
  'analysis_model_missing',
  'analysis_no_access',
  'analysis_quota',
  'analysis_timeout',
  'analysis_unavailable',
  'analysis_unpaid',
]);

/** A request that is refused because of its tier would be refused for each file: the model is not there in the tier. */
function kindOf(
  error: unknown,
  { model, tier, now }: { model: string; tier: Tier | undefined; now: number },
): Classified {
  const kind = classifyModelError(error, providerFor(model), now);
  const isOfTier = tier && kind.code === 'analysis_rejected' && NAMES_TIER.test(`${error}`);
  return isOfTier ? MODEL_MISSING : kind;
}

const NAMES_TIER = /\bservice.?tier\b|\bflex\b/i;

interface GivenUp {
  kind: Classified;
  model: string;
  fileName: string;
  /** How many calls could still be made after a fault of the service. */
  retries: number;
  now: number;
  /** What the model was asked last. Absent: it was not asked. */
  wish?: Wish;
}

/** Whether a model has written something, though it took too long: then it is there, and answers others. */
function hasBegun(error: unknown): boolean {
  return error instanceof CallTimeoutError && error.hasBegun;
}

/** The error for the caller when no more calls are made. */
function giveUp(error: unknown, { kind, model, fileName, retries, now, wish }: GivenUp): Error {
  // Not from a model, but from `pay`.
  if (error instanceof AppError || error instanceof RetryLaterError) return error;
  const retryAt = now + (kind.retryAfterMs ?? 0);
  // If a process of ours ends, the picture may be the reason, and so it may if an answer begins and has no end.
  const mayBeTheFile = providerFor(model).ours !== undefined || hasBegun(error);
  if (OF_SERVICE.has(kind.code) && !mayBeTheFile) {
    return new ServiceWaitError(kind.code, retryAt, { cause: error });
  }
  // Another call could help, but there is no time left for it.
  if (kind.retry === 'call' && retries > 0) {
    return new RetryLaterError(kind.code, retryAt, { cause: error });
  }
  return toPublicError(kind, fileName, error, wish);
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  unsupported_media_type: 'The model accepts no file of this kind. Send another one.',
  analysis_blocked: 'The model’s safety rules forbid a description of this file. Send another one.',
  analysis_language:
    'The model does not write the requested language. Ask for another one, such as English.',
  analysis_rejected:
    'The analysis service refused the request. If another try does not help, tell the operator of this site.',
  analysis_quota: 'The analysis service is at its limit. Try again later.',
  analysis_unavailable:
    'The analysis service does not answer at the moment. Try again in a minute.',
  analysis_timeout: 'The analysis service took too long. Try again in a minute.',
};

/** What was wrong with the answer, and with the second one if there was one. */
function wordsOf(code: ErrorCode, error: unknown, wish: Wish | undefined): string | undefined {
  const isSecond = wish?.fault !== undefined;
  switch (code) {
    case 'analysis_recitation':
      return `It shows a published text that the model may not repeat${isSecond ? ', not even in other words' : ''}. Send a picture with less of the text in it.`;
    case 'analysis_cut_off':
      return `It has more details than fit into one answer of the model${wish?.brief ? ', and a short answer was too long as well' : ''}. Send a part of it, or try again.`;
    case 'analysis_invalid_output': {
      const { fault } = error instanceof InvalidOutputError ? error : new InvalidOutputError('');
      const again = isSecond
        ? ' It was asked twice, and its first answer was of no use either.'
        : '';
      return `The model’s answer cannot be used: ${fault}.${again} Try again.`;
    }
    default:
      return MESSAGES[code];
  }
}

function toPublicError(
  { code, retryAfterMs }: Classified,
  fileName: string,
  cause: unknown,
  wish: Wish | undefined,
) {
  const message = wordsOf(code, cause, wish) ?? `${ERRORS[code].title}. Try again in a moment.`;
  return new AppError(code, `${quoted(fileName)} was not analysed. ${message}`, {
    cause,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
