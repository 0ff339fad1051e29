/** Analyses one media: the model's description, the measured facts, and the cost. */

import type { Description, Tier } from '@media-analysis/shared/analytics';
import { lazy } from '../process/lazy.ts';
import type { AnalyzeInput, AnalyzeOptions, Analyzer, AnalyzerConfig } from './analyzer.ts';
import type { Asked, FlowContext } from './call.ts';
import { analysisOf, DESCRIBE, NAMED_MODELS } from './catalog/analyses.ts';
import { analysisVersion } from './catalog/analysis-version.ts';
import { FLEX_CALL_MS } from './flex.ts';
import type { AnalysisFlow } from './flow.ts';
import { mediaFor } from './media-for.ts';
import { Models } from './models.ts';
import { hasTier, looksAtFrames, takesKind } from './profiles.ts';
import { reuseOf } from './reuse.ts';
import { toAnalytics, withFrameNote } from './to-analytics.ts';
import { UsageMeter } from './usage-meter.ts';

export type { Analysis, AnalyzeInput, AnalyzeOptions, Analyzer } from './analyzer.ts';
export type { Pay } from './call.ts';
export { CallLimitError, RetryLaterError, ServiceWaitError, SpendCapError } from './errors.ts';

export function createAnalyzer({
  callTimeoutMs = 60_000,
  model: first,
  fallbacks = [],
  onStop,
  onResume,
  onAnswer,
  maxVideoS,
  loadFlow: load = () => importFlow([first, ...fallbacks, ...NAMED_MODELS], config),
  ...config
}: AnalyzerConfig): Analyzer {
  const all = new Models([first, ...fallbacks], { onStop, onResume, onAnswer, callTimeoutMs });
  // A tier without capacity is not an outage: the same models answer at the ordinary price.
  const inFlex = new Models(all.all, { onAnswer, callTimeoutMs: FLEX_CALL_MS });
  const known = new Set([...all.all, ...NAMED_MODELS]);
  const loadFlow = lazy(load);

  const asking = (wanted: string | null | undefined, tier?: Tier | null): Analyzer => {
    const asked = wanted && known.has(wanted) ? wanted : undefined;
    const model = asked ?? first;
    const modelsFor = (name: string, models = all) =>
      models.inOrder(orderFor(name, all.all, asked));
    /** Asks a model, and reports the cost even if that fails. */
    const run = async (
      question: Asked | undefined,
      input: AnalyzeInput,
      {
        signal,
        waitingSince,
        callsBefore = 0,
        onProgress,
        onSpent,
        pay,
        now = Date.now,
        ...rest
      }: AnalyzeOptions,
    ) => {
      signal.throwIfAborted();
      const { facts, fileName, language, frames } = input;
      const name = question?.name ?? DESCRIBE;
      const isServed = (each: string) =>
        tier
          ? takesKind(each, facts.kind, frames !== undefined) && hasTier(each, tier, config)
          : false;
      const isInTier = modelsFor(name).all.some(isServed);
      const models = modelsFor(name, isInTier ? inFlex : all);
      const callConfig: FlowContext['config'] = {
        ...config,
        tier: isInTier && tier ? tier : undefined,
      };
      const meter = new UsageMeter(models.all[0] ?? model, now(), callConfig);
      const flow = await loadFlow();
      const timing = { callTimeoutMs, now, random: Math.random, ...rest };
      const files = { ...config, ...timing };
      const context: FlowContext = {
        timing,
        meter,
        models,
        waitingSince,
        callsBefore,
        pay,
        config: callConfig,
        mediaFor: (each, stop) => mediaFor(each, input, { ...files, maxVideoS }, stop),
      };
      // A media that waits without a call costs nothing, so its month must not change.
      const reportSpent = () => {
        if (meter.attempts > 0) onSpent?.(meter.usage(now()));
      };
      // On an abort the media is released at once, and that write must contain the cost of the call that is cut off.
      signal.addEventListener('abort', reportSpent, { once: true });
      try {
        const { result } = await flow.run(
          {
            facts,
            fileName,
            language,
            ...(frames && { frames: frames.list }),
            ...(question && { asked: question }),
          },
          {
            abortSignal: signal,
            context: { ...context },
            ...(onProgress && { onChunk: neverFalling(onProgress) }),
          },
        );
        return { result, model: meter.model, asked: meter.asked, usage: meter.usage(now()) };
      } catch (error) {
        reportSpent();
        throw error;
      } finally {
        signal.removeEventListener('abort', reportSpent);
      }
    };
    return {
      asking,
      model,
      promptVersion: analysisVersion(DESCRIBE, model),
      looksAtFrames: looksAtFrames(model),

      ...reuseOf(modelsFor),

      async analyze(input, options) {
        const { result, model: answerer, ...rest } = await run(undefined, input, options);
        const seen = withFrameNote(result as Description, input, rest.asked);
        return { analytics: toAnalytics(seen, input, answerer), ...rest };
      },

      async answer(question, input, options) {
        const { result, model: answerer, ...rest } = await run(question, input, options);
        const version = analysisVersion(question.name, answerer);
        return { output: { ...result }, model: answerer, version, ...rest };
      },
    };
  };
  return asking(undefined);
}

/** If the file of an analysis names a model, only that model is asked. */
function orderFor(name: string, usual: readonly string[], asked: string | undefined) {
  const named = analysisOf(name)?.model;
  const all = named === undefined ? usual : [named];
  return asked === undefined ? all : [asked, ...all.slice(1)];
}

async function importFlow(
  models: readonly string[],
  config: FlowContext['config'],
): Promise<AnalysisFlow> {
  const [{ loadGenkit }, { createQuestions }] = await Promise.all([
    import('./genkit.ts'),
    import('./question.ts'),
  ]);
  const ai = await loadGenkit([...new Set(models)], config);
  const { defineAnalysisFlow } = await import('./flow.ts');
  return defineAnalysisFlow(ai, createQuestions());
}

/** Another call starts from the beginning, but reported progress must not fall. */
function neverFalling(onProgress: (fraction: number) => void): (fraction: number) => void {
  let highest = 0;
  return (fraction) => {
    if (fraction <= highest) return;
    highest = fraction;
    onProgress(fraction);
  };
}
