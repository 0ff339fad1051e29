/**
 * What a model means when it does not answer to the letter: `"95"` for 0.95, `"Safe"` for `"safe"`. Such an
 * answer was paid for, and the next one would be too. What cannot be told for sure is left as it is, and the
 * schema refuses it.
 */
import { boxOf } from './boxes.ts';

type Loose = Record<string, unknown>;

/** @param answer Parsed JSON. @returns it with the fields of our schema, and no others, if it is an object. */
export function withNearMisses(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return answer;
  const { title, summary, tags, objects, people_count, text, scene, mood, safety, segments } =
    answer as Loose;
  const [name, sentences] = [trimmed(title), trimmed(summary)];
  return {
    title: name || firstSentence(sentences),
    summary: sentences || name,
    tags: listOf(tags),
    objects: objectsOf(objects),
    people_count: countOf(people_count),
    text: linesOf(text),
    scene: trimmed(scene) || null,
    mood: trimmed(mood) || null,
    safety: safetyOf(safety),
    ...(segments !== undefined && { segments: segmentsOf(segments) }),
  };
}

function trimmed(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.trim() : '';
}

function firstSentence(text: string): string {
  const [first = ''] = text.split(/(?<=[.!?])\s|(?<=[。！？])/u);
  return first.replace(/[.。]$/u, '');
}

/** Each once; also from one text with commas. */
function listOf(value: unknown): unknown {
  const items = typeof value === 'string' ? value.split(/[,;、，]/u) : value;
  if (!Array.isArray(items)) return value;
  return [...new Set(items.map(trimmed))].filter((item) => item !== '');
}

function linesOf(value: unknown): string | null {
  const lines = Array.isArray(value) ? value.map(trimmed).join('\n') : value;
  return trimmed(lines) || null;
}

/** One object that cannot be read is left out; if that is each of them, the answer is of no use. */
function objectsOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const readable = value.flatMap(objectOf);
  return readable.length === 0 ? value : readable;
}

function objectOf(value: unknown): Loose[] {
  if (typeof value !== 'object' || value === null) return [];
  const { label, confidence, box_2d, box } = value as Loose;
  const [name, share] = [trimmed(label), shareOf(confidence)];
  if (name === '' || share === undefined) return [];
  // What was seen is worth more than where.
  return [{ label: name, confidence: share, box: boxOf(box_2d ?? box) }];
}

/** A share of 1; also in percent, if it says so or is more than 1. */
function shareOf(value: unknown): number | undefined {
  const [, digits, percent] = /^([\d.]+)\s*(%?)$/.exec(trimmed(value)) ?? [];
  const number = typeof value === 'number' ? value : Number(digits ?? Number.NaN);
  const share = percent || number > 1 ? number / 100 : number;
  return share >= 0 && share <= 1 ? share : undefined;
}

/** Null, "not determined", for whatever is no number of people. */
function countOf(value: unknown): number | null {
  const digits = trimmed(value);
  return /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}

function safetyOf(value: unknown): unknown {
  if (typeof value === 'string') return { verdict: value.trim().toLowerCase(), categories: [] };
  if (typeof value !== 'object' || value === null) return value;
  const { verdict, categories } = value as Loose;
  return {
    verdict: typeof verdict === 'string' ? verdict.trim().toLowerCase() : verdict,
    categories: listOf(categories ?? []),
  };
}

/** A part of a video that ends before it begins is none; the rest of the description stands without it. */
function segmentsOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.flatMap((part) => {
    const { start_s, end_s, summary } = (part ?? {}) as Loose;
    const [start, end, words] = [secondsOf(start_s), secondsOf(end_s), trimmed(summary)];
    return start <= end && words !== '' ? [{ start_s: start, end_s: end, summary: words }] : [];
  });
}

/** Seconds; also `1:02:03`, as Gemini counts. NaN for anything else. */
function secondsOf(value: unknown): number {
  if (typeof value === 'number') return value < 0 ? Number.NaN : value;
  const clock = trimmed(value).replace(/s$/, '');
  if (!/^(\d+:){0,2}\d+(\.\d+)?$/.test(clock)) return Number.NaN;
  return clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}
