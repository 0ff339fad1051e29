/** The Genkit flow that asks a model about one media, with retries. */
import type { Tier } from '@media-analysis/shared/analytics';
import { AppError, type ErrorCode } from '@media-analysis/shared/errors';
import { RETRY_DEFAULTS } from '@media-analysis/shared/retry';
import { type Genkit, z } from 'genkit';
import { quoted } from '../inspect/format.ts';
import { isServiceFault } from '../process/service-fault.ts';
import { askTwice } from './ask-twice.ts';
import type { Asked, CallTiming, FlowContext, FlowInput, Output, Question, Wish } from './call.ts';
import { DESCRIBE } from './catalog/analyses.ts';
import { RetryLaterError, ServiceWaitError } from './errors.ts';
import { FLEX_CALL_MS } from './flex.ts';
import { giveUp, kindOf } from './give-up.ts';
import { messagesTo } from './messages.ts';
import { hasTier, providerFor, takesKind } from './profiles.ts';

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
          // A video is read from Cloud Storage, whose errors are not the model's.
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
          ai,
          model,
          models,
          takes,
          facts: input.facts,
          question,
          messagesFor,
          onText,
          meter,
          callsBefore,
          pay,
          config,
          signal,
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
          models.recordAnswer(model, meter, timing.now());
          return output;
        } catch (error) {
          // One of our limits says nothing about the model, and one of our own models is never away.
          const isOurs = providerFor(model).ours !== undefined;
          if (!(error instanceof ServiceWaitError) || error.code === 'analysis_spend_cap' || isOurs)
            throw error;
          const { code, retryAt, cause } = error;
          // A cheap tier refuses calls at random.
          const mayBeTheFile =
            !turn.isProbe &&
            !(tier && code === 'analysis_unavailable') &&
            models.wasWellSince(model, waitingSince ?? turn.startedAt);
          const isStopped = models.recordFailure(turn, error, timing.now());
          if (mayBeTheFile && FAULTS_OF_FILES.has(code)) {
            throw new RetryLaterError(code, retryAt, { cause });
          }
          if (!isStopped) throw error;
        } finally {
          models.endTurn(turn, timing.now());
        }
      }
    },
  );
}

/** If a service answers for other files but fails in one of these ways for one file again and again, the file is the reason. */
const FAULTS_OF_FILES: ReadonlySet<ErrorCode> = new Set([
  'analysis_unavailable',
  'analysis_timeout',
]);

/** A model processes all frames of a video before its first word. That is paid for even if we cut the call off. */
const VIDEO_TIMEOUT_FACTOR = 3;

function callTimeoutOf(
  model: string,
  { callTimeoutMs }: CallTiming,
  input: FlowInput,
  tier: Tier | undefined,
) {
  // Our own model has a limit of CPU time, so that a busy machine does not count.
  if (providerFor(model).ours) return Number.POSITIVE_INFINITY;
  const usual = callTimeoutMs * (isVideo(input) ? VIDEO_TIMEOUT_FACTOR : 1);
  return tier === 'flex' ? Math.max(FLEX_CALL_MS, usual) : usual;
}

/** An answer has about 1,500 characters. During a longer one the progress stops at 90 %. */
function progressAfter(characters: number): number {
  return 0.1 + 0.8 * Math.min(1, characters / 1_500);
}

const isVideo = ({ facts }: FlowInput) => facts.kind === 'video';

/** Thrown before anything is copied for a model or paid for. */
function noVideos(fileName: string): AppError {
  return new AppError(
    'video_without_frames',
    `${quoted(fileName)} is stored, but not analysed: it was sent without frames, and this site’s model looks at pictures and not at videos. Send a photo of what matters in it, or the video by a page that can play it.`,
  );
}
