/**
 * Corrects answers that are nearly right: `"95"` for 0.95, `"Safe"` for `"safe"`. Such an answer was paid for, and another one
 * would be too. A value without a clear meaning stays, and the schema refuses it.
 */
import { boxOf } from './boxes.ts';

type Loose = Record<string, unknown>;

/** @returns only the fields of our schema */
export function withNearMisses(answer: Loose): Loose {
  const { title, summary, tags, objects, people_count, text, scene, mood, safety, segments } =
    answer;
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

/** Accepts a list, or one text with commas. Repetitions are removed. */
function listOf(value: unknown): unknown {
  const items = typeof value === 'string' ? value.split(/[,;、，]/u) : value;
  if (!Array.isArray(items)) return value;
  return [...new Set(items.map(trimmed))].filter((item) => item !== '');
}

function linesOf(value: unknown): string | null {
  const lines = Array.isArray(value) ? value.map(trimmed).join('\n') : value;
  return trimmed(lines) || null;
}

/** Unreadable objects are left out. If all are unreadable, they stay, so that the schema refuses the answer. */
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
  // An object with an unreadable box is kept without its box.
  return [{ label: name, confidence: share, box: boxOf(box_2d ?? box) }];
}

/** A number above 1, or with a percent sign, is read as a percentage. */
function shareOf(value: unknown): number | undefined {
  const [, digits, percent] = /^([\d.]+)\s*(%?)$/.exec(trimmed(value)) ?? [];
  const number = typeof value === 'number' ? value : Number(digits ?? Number.NaN);
  const share = percent || number > 1 ? number / 100 : number;
  return share >= 0 && share <= 1 ? share : undefined;
}

/** Null means "not counted". */
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

/** A part of a video that ends before it starts, or has no text, is left out. */
function segmentsOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.flatMap((part) => {
    const { start_s, end_s, summary } = (part ?? {}) as Loose;
    const [start, end, words] = [secondsOf(start_s), secondsOf(end_s), trimmed(summary)];
    return start <= end && words !== '' ? [{ start_s: start, end_s: end, summary: words }] : [];
  });
}

/** Reads seconds, also in the form `1:02:03`, which Gemini writes. NaN for other values. */
function secondsOf(value: unknown): number {
  if (typeof value === 'number') return value < 0 ? Number.NaN : value;
  const clock = trimmed(value).replace(/s$/, '');
  if (!/^(\d+:){0,2}\d+(\.\d+)?$/.test(clock)) return Number.NaN;
  return clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}
