/** Turns detections and measured facts into the answer that all models give. */
import type { ModelOutput } from '@media-analysis/shared/analytics';
import type { Box, Scored } from '@media-analysis/vision/geometry';
import type { Detections } from '@media-analysis/vision/protocol';
import type { MediaFacts } from '../../inspect/facts.ts';
import { factTags } from './fact-tags.ts';
import type { FactWords } from './fact-words.ts';
import { contentOf, contentTags, facesOf, type PictureContent } from './picture-content.ts';
import type { VisionWords } from './vision-words.ts';

/** The limit of `text` in the schema. */
const MAX_TEXT = 10_000;

export function describeDetections(
  facts: MediaFacts,
  fileName: string,
  detections: Detections,
  factWords: FactWords,
  words: VisionWords,
): ModelOutput {
  const content = contentOf(detections);
  const seen = words.sentences(content);
  return {
    title: words.title(content) ?? factWords.title(facts, fileName),
    summary: [
      ...seen,
      ...factWords.sentences(facts),
      ...(seen.length === 0 ? [words.nothing] : []),
    ].join(factWords.space),
    tags: [...new Set([...contentTags(content), ...factTags(facts, content.isPage)])],
    objects: [
      ...(detections.objects ?? []).map((object) => toObject(object, object.label)),
      ...(facesOf(detections) ?? []).map((face) => toObject(face, 'face')),
      ...(detections.codes ?? []).map((code, i) =>
        toObject(code, content.codes[i]?.kind.toLowerCase() ?? 'barcode'),
      ),
    ],
    people_count: content.people,
    text: textOf(content),
    // The networks cannot judge these three.
    scene: null,
    mood: null,
    safety: { verdict: 'unknown', categories: [] },
  };
}

/** The content of codes comes after the written text. */
export function textOf({ lines, codes }: PictureContent): string | null {
  const text = [...(lines ?? []), ...codes.map((code) => code.text)].join('\n');
  return text.slice(0, MAX_TEXT).toWellFormed() || null;
}

function toObject({ score, box }: Scored, label: string) {
  return { label, confidence: round(score), box: toSchemaBox(box) };
}

function toSchemaBox({ left, top, right, bottom }: Box) {
  return {
    x: round(left),
    y: round(top),
    width: round(right - left),
    height: round(bottom - top),
  };
}

function round(fraction: number): number {
  return Math.round(fraction * 1_000) / 1_000;
}
