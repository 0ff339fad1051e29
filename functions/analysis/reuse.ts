/** Whether an earlier answer would be written in the same way now. Then a copy of the same content gets it. */
import { isDeepStrictEqual } from 'node:util';
import {
  type Analytics,
  type Description,
  descriptionSchema,
} from '@media-analysis/shared/analytics';
import type { MediaFacts } from '../inspect/facts.ts';
import type { Analyzer } from './analyzer.ts';
import { DESCRIBE } from './catalog/analyses.ts';
import { analysisVersion } from './catalog/analysis-version.ts';
import { nameOf } from './local/fact-words.ts';
import type { Models } from './models.ts';
import { takesKind } from './profiles.ts';
import { toAnalytics } from './to-analytics.ts';
import { cachedUsage } from './usage-meter.ts';

type Reuse = Pick<Analyzer, 'isCurrent' | 'isCurrentResult' | 'reuse' | 'reuseAnswer'>;

/** @param modelsFor The models that would be asked for an analysis now. */
export function reuseOf(modelsFor: (name: string) => Models): Reuse {
  const isAnsweredBy = (
    name: string,
    kind: MediaFacts['kind'],
    answerer: string,
    hasFrames: boolean,
  ) => {
    const models = modelsFor(name);
    const current = models.current(Date.now(), (each) => takesKind(each, kind, hasFrames));
    return models.isAnsweredBy(current, answerer);
  };
  const currentOutput = (earlier: Analytics): Description | undefined => {
    const { model: answerer, prompt_version, duration_s, notes = [] } = earlier;
    const kind = typeof duration_s === 'number' ? 'video' : 'image';
    const hasFrames = notes.includes('from_frames');
    if (!isAnsweredBy(DESCRIBE, kind, answerer, hasFrames)) return undefined;
    if (prompt_version !== analysisVersion(DESCRIBE, answerer)) return undefined;
    return descriptionSchema.safeParse(earlier).data;
  };
  const isCurrentResult: Analyzer['isCurrentResult'] = (
    name,
    earlier,
    { input, kind, hasFrames = false },
  ) => {
    const { status, model: answerer, version, output } = earlier;
    if (status !== 'completed' || output === null || answerer === null) return false;
    const isOfNow =
      isAnsweredBy(name, kind, answerer, hasFrames) && version === analysisVersion(name, answerer);
    return isOfNow && isDeepStrictEqual(earlier.input, input);
  };
  return {
    isCurrent: (earlier) => currentOutput(earlier) !== undefined,
    isCurrentResult,

    reuse(subject, earlier, earlierName = '') {
      const output = currentOutput(earlier);
      if (!output) return undefined;
      // A photo of which nothing is known is titled by its file's name, and a copy has a name of its own.
      if (output.title === nameOf(earlierName)) {
        output.title = nameOf(subject.fileName) || output.title;
      }
      const { model: answerer } = earlier;
      return { analytics: toAnalytics(output, subject, answerer), usage: cachedUsage(answerer) };
    },

    reuseAnswer({ name, input }, { facts: { kind }, hasFrames }, earlier) {
      const { output, model: answerer, version } = earlier;
      if (!isCurrentResult(name, earlier, { input, kind, hasFrames })) return undefined;
      if (output === null || answerer === null || version === null) return undefined;
      return { output, model: answerer, version, usage: cachedUsage(answerer) };
    },
  };
}
