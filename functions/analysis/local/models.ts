/**
 * The models that need no key and no network. They are Genkit models, so they use the same flow and schema as the others.
 * `local/vision` analyses the picture. `local/facts` describes only the measured facts, and needs almost no memory.
 */
import { altText } from '@media-analysis/shared/alt-text';
import type { ModelOutput } from '@media-analysis/shared/analytics';
import { VisionClient } from '@media-analysis/vision/client';
import { VisionError } from '@media-analysis/vision/errors';
import type { Detections } from '@media-analysis/vision/protocol';
import type { Genkit, MessageData } from 'genkit';
import { z } from 'zod';
import { type MediaFacts, mediaFactsSchema } from '../../inspect/facts.ts';
import { RejectedError, UnavailableError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { describeDetections } from './compose.ts';
import { factTags } from './fact-tags.ts';
import * as factWords from './fact-words.ts';
import { describeFrames, type SeenFrame } from './frames.ts';
import { type Language, localLanguage } from './language.ts';
import { readReceipt } from './receipt.ts';
import * as visionWords from './vision-words.ts';

const WORDS: Record<Language, { facts: factWords.FactWords; vision: visionWords.VisionWords }> = {
  en: { facts: factWords.english, vision: visionWords.english },
  ja: { facts: factWords.japanese, vision: visionWords.japanese },
};
const inputSchema = z.object({
  facts: mediaFactsSchema,
  fileName: z.string(),
  language: z.string(),
  analysis: z.string(),
  frames: z
    .array(z.object({ time_s: z.number(), colors: mediaFactsSchema.shape.colors }))
    .optional(),
});

export function defineLocalModels(ai: Genkit, vision = new VisionClient()): void {
  defineLocalModel(ai, 'local/facts', async ({ facts, fileName, language }) => {
    return describeFacts(facts, fileName, language);
  });
  defineLocalModel(ai, 'local/vision', async (input) => {
    const { facts, language, analysis, jpegs, frames, signal } = input;
    // The file's name does not help a person who cannot see the picture.
    const fileName = analysis === 'alt-text' ? '' : input.fileName;
    const words = WORDS[localLanguage(language)];
    const look = (jpeg: Buffer) =>
      vision.analysePicture(jpeg, language, signal).catch((error: unknown) => rejectAs(error));
    const [jpeg] = jpegs;
    if (!jpeg) {
      const { notLookedAt, withoutFrames } = words.facts;
      const why = facts.kind === 'video' ? withoutFrames : notLookedAt;
      return answerTo(analysis, describeFacts(facts, fileName, language, why));
    }
    if (facts.kind === 'video') {
      const seen: SeenFrame[] = [];
      for (const [n, frame] of (frames ?? []).entries()) {
        const picture = jpegs[n];
        if (picture) seen.push({ ...frame, detections: await look(picture) });
      }
      const described = describeFrames(facts, fileName, seen, words.facts, words.vision);
      return answerTo(
        analysis,
        described,
        seen.flatMap(({ detections }) => detections.text ?? []),
      );
    }
    const detections = await look(jpeg);
    const described = describeDetections(facts, fileName, detections, words.facts, words.vision);
    return answerTo(analysis, described, detections.text);
  });
}

/** @param analysis An analysis that `isOffered` offers for `local/vision`. */
export function answerTo(
  analysis: string,
  described: ModelOutput,
  rows: Detections['text'] = [],
): object {
  if (analysis === 'alt-text') {
    const { objects, text, title } = described;
    // Otherwise the summary begins with what is no part of the picture, such as its day.
    const isSeen = objects.length > 0 || text !== null;
    return { alt: isSeen ? altText(described) : title, is_decorative: false };
  }
  if (analysis === 'receipt') return readReceipt(rows ?? []);
  return described;
}

const ERRORS = { rejected: RejectedError, unavailable: UnavailableError };

/** The retry of all models knows only these errors. */
function rejectAs(error: unknown): never {
  if (!(error instanceof VisionError)) throw error;
  throw new ERRORS[error.failure](error.message, { cause: error });
}

interface LocalInput {
  facts: MediaFacts;
  fileName: string;
  language: string;
  analysis: string;
  /** The preview of a photo, or the frames of a video. */
  jpegs: Buffer[];
  /** Only for a video. */
  frames?: Frame[] | undefined;
  signal: AbortSignal;
}

function defineLocalModel(
  ai: Genkit,
  name: string,
  answer: (input: LocalInput) => Promise<object>,
): void {
  const supports = { media: true, multiturn: false, tools: false, constrained: 'all' as const };
  ai.defineModel({ apiVersion: 'v2', name, supports }, async ({ messages }, { abortSignal }) => {
    const output = await answer({ ...readMessage(messages.at(-1)), signal: abortSignal });
    return {
      message: { role: 'model', content: [{ text: JSON.stringify(output) }] },
      finishReason: 'stop',
      usage: { inputTokens: 0, outputTokens: 0 },
    };
  });
}

function readMessage(message: MessageData | undefined) {
  const parts = message?.content ?? [];
  const input = inputSchema.parse(parts.find(({ data }) => data !== undefined)?.data);
  const jpegs = parts.flatMap(({ media }) => (media ? [fromDataUrl(media.url)] : []));
  return { ...input, jpegs };
}

function fromDataUrl(url: string): Buffer {
  const [head, data] = url.split(',');
  if (head !== 'data:image/jpeg;base64' || !data) throw new RejectedError('not a JPEG preview');
  return Buffer.from(data, 'base64');
}

export function describeFacts(
  facts: MediaFacts,
  fileName: string,
  language: string,
  why?: string,
): ModelOutput {
  const words = WORDS[localLanguage(language)].facts;
  return {
    title: words.title(facts, fileName),
    summary: [words.kind(facts), ...words.sentences(facts), why ?? words.notLookedAt].join(
      words.space,
    ),
    tags: factTags(facts),
    objects: [],
    people_count: null,
    text: null,
    scene: null,
    mood: null,
    safety: { verdict: 'unknown', categories: [] },
  };
}
