/**
 * Phase 2: has the model make what is wanted of the media, one analysis after the other. Each result is written as it
 * comes, the last one together with the final status.
 */
import type { Usage } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import type { AnalysisResult } from '@media-analysis/shared/media';
import { PROGRESS } from '@media-analysis/shared/status';
import { addUsage } from '../../analysis/add-usage.ts';
import { DESCRIBE } from '../../analysis/catalog/analyses.ts';
import type { AnalyzeOptions, Analyzer } from '../../analysis/index.ts';
import { lazy } from '../../process/lazy.ts';
import { UnusableAnswerError } from '../../process/service-fault.ts';
import { bareName, type ObjectStore } from '../../storage/objects.ts';
import { askedFor, languageOf, type Made, type MediaRecord, wantedOf } from '../media/record.ts';
import { afterSuccess } from './attempt.ts';
import { bareCopy, present } from './bare-copy.ts';
import { readFrames } from './frames.ts';
import type { Lease } from './lease.ts';
import type { Work, WorkerDeps } from './work.ts';

export function createAnalyzeMedia(
  { objects, inspector, logger, now, moments }: WorkerDeps,
  analyzer: Analyzer,
): Work {
  return async (lease, { signal, deadline, onStorageAnswer }) => {
    const { record, copies } = lease;
    const { facts, content_type, file_name, language, asked_model, tier } = record;
    const own = analyzer.asking(asked_model, tier);
    if (!facts) throw new AppError('media_missing', `"${file_name}" was never checked.`);
    const hasFrames = record.frames != null;
    const subject = { facts, contentType: content_type, fileName: file_name, language, hasFrames };
    const source = lazy(async () => {
      const read = await sourceOf(record, objects, inspector);
      onStorageAnswer?.();
      return { ...subject, ...read };
    });
    const names = wantedOf(record);
    // No caller asks for no analysis at all. But a media without one would be delivered for ever.
    if (names.length === 0) {
      return lease.release({ status: 'completed', progress: PROGRESS.done });
    }
    const begun = Math.max(record.progress, PROGRESS.stored);
    for (const [done, name] of names.entries()) {
      const before = lease.record.usage;
      const { [name]: last } = lease.record.unanswered ?? {};
      // An earlier delivery of this attempt may have paid for calls that gave no answer.
      const inVain = last?.attempt === record.attempts ? last.usage : null;
      const spent = (usage: Usage) => ({ usage: addUsage(before, usage) });
      const asking = await moments.asking(lease, { name, isFirst: done === 0 });
      const options: AnalyzeOptions = {
        signal,
        deadline,
        waitingSince: lease.waitingSince,
        onProgress: (fraction) => {
          lease.progress(begun + ((done + fraction) / names.length) * (PROGRESS.done - begun));
        },
        onSpent: (usage) => {
          lease.addToNextWrite({
            ...spent(usage),
            unanswered: {
              ...lease.record.unanswered,
              [name]: {
                attempt: record.attempts,
                usage: addUsage(inVain, usage),
                asked: own.model,
              },
            },
          });
        },
        callsBefore: asking.callsBefore,
        pay: asking.pay,
      };
      const make = name === DESCRIBE ? () => describe(options) : () => answer(name, options);
      const { made, usage, asked, same_as } = await make();
      // If the write fails for a moment, the media is analysed again. This analysis was paid for, too.
      lease.addToNextWrite(spent(usage));
      if ('analytics' in made && made.analytics) {
        await asking.answered(made.analytics, signal);
      }
      const { patch: step, isLast } = afterSuccess(lease.record, made);
      const patch = {
        ...step,
        ...(same_as !== undefined && { same_as }),
        made: madeNow(lease.record, name, now(), { usage: addUsage(inVain, usage), asked }),
      };
      if (isLast) await lease.release(patch, asking.write);
      else await lease.write(patch, asking.write);
      logger.info({ analysis: name, ...usage }, 'analysed');
    }
    if (facts.kind === 'video') {
      await objects.removeMedia(bareName(record.id)).catch((error: unknown) => {
        // The copy is removed together with the media.
        logger.warn({ error }, 'copy not removed');
      });
    }

    /** A copy may have answers in several languages. */
    function copiesIn(name: string) {
      return copies.filter((copy) => languageOf(copy, name) === language);
    }

    async function describe(options: AnalyzeOptions): Promise<Answered> {
      const copied = reuse(copiesIn(DESCRIBE), ({ analytics: earlier, made, file_name }) => {
        const reused = earlier && own.reuse(subject, earlier, file_name);
        return reused && { ...reused, asked: made?.[DESCRIBE]?.asked ?? null };
      });
      const { answer, same_as } = copied ?? {
        answer: await own.analyze(await source(), options),
        same_as: undefined,
      };
      const { analytics, usage, asked } = answer;
      return { made: { analytics }, usage, asked, same_as };
    }

    async function answer(name: string, options: AnalyzeOptions): Promise<Answered> {
      const { analyses = {} } = lease.record;
      const input = analyses[name]?.input ?? {};
      const copied = reuse(copiesIn(name), (copy) => {
        const earlier = copy.analyses?.[name];
        const reused = earlier && own.reuseAnswer({ name, input }, subject, earlier);
        return reused && { ...reused, asked: copy.made?.[name]?.asked ?? null };
      });
      const { answer, same_as } = copied ?? {
        answer: await own.answer({ name, input }, await source(), options),
        same_as: undefined,
      };
      const { asked, ...answered } = answer;
      const result: AnalysisResult = {
        ...askedFor(input, now()),
        status: 'completed',
        ...answered,
      };
      return {
        made: { analyses: { ...analyses, [name]: result } },
        usage: answered.usage,
        asked,
        same_as,
      };
    }
  };
}

interface Answered {
  made: Parameters<typeof afterSuccess>[1];
  usage: Usage;
  /** The model that was asked. */
  asked?: string | null | undefined;
  /** The copy that had the answer. */
  same_as?: string | undefined;
}

/** Says of the present result of `name` how it was made. */
function madeNow(
  record: MediaRecord,
  name: string,
  nowMs: number,
  { usage, asked = null }: Pick<Answered, 'usage' | 'asked'>,
): Record<string, Made> {
  const { made, attempts: attempt, language } = record;
  const input = record.analyses?.[name]?.input ?? {};
  const at = new Date(nowMs).toISOString();
  return { ...made, [name]: { at, attempt, input, language, usage, asked } };
}

/** The first copy of the same content of which something can be copied. */
function reuse<T>(
  copies: Lease['copies'],
  from: (copy: MediaRecord) => T | null | undefined,
): { answer: T; same_as: string | undefined } | undefined {
  for (const copy of copies) {
    const reused = from(copy);
    if (reused) return { answer: reused, same_as: copy.id };
  }
  return undefined;
}

const START_OF_IMAGE = Buffer.of(0xff, 0xd8);

const isJpeg = (bytes: Buffer) => bytes.subarray(0, 2).equals(START_OF_IMAGE);

/** Reads the parts of a stored media that a model may see. */
export async function sourceOf(
  record: MediaRecord,
  objects: ObjectStore,
  inspector: WorkerDeps['inspector'],
) {
  const { owner_id, preview_object, object, size, content_type, file_name, facts } = record;
  const read = async (name: string | null, isIt: (bytes: Buffer) => boolean) => {
    const bytes = present((name && (await objects.readMedia(name))) || undefined, record);
    // A proxy may answer with a page of its own. The model would be asked, and paid, about that.
    if (!isIt(bytes)) throw new UnusableAnswerError('What came is not what was stored.');
    return bytes;
  };
  const isOriginal = (bytes: Buffer) => bytes.length === size;
  const bytes = async () => {
    const video = { contentType: content_type, fileName: file_name };
    return inspector.bareVideo({ content: await read(object, isOriginal), ...video }, owner_id);
  };
  const copy = (signal: AbortSignal) => bareCopy(objects, inspector, record, signal);
  const readAll = async () => {
    const jpegs = await readFrames(record, objects);
    if (!jpegs.every(isJpeg)) throw new UnusableAnswerError('What came is not what was stored.');
    return jpegs;
  };
  // That of a video is one of its frames.
  const isShown = preview_object !== null && facts?.kind !== 'video';
  return {
    preview: isShown ? await read(preview_object, isJpeg) : null,
    video: { size, bytes, copy },
    frames: record.frames ? { list: record.frames.list, read: readAll } : undefined,
  };
}
