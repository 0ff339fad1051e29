/** What of the findings is worth stating, and how surely: numbers first, words in `words.ts`. */
import { areaOf } from '@media-analysis/vision/geometry';
import { type Detections, MAX_FACES, MAX_OBJECTS } from '@media-analysis/vision/protocol';
import { kindOf } from './kinds.ts';

/**
 * On 88 labelled photos nine of ten objects of at least this score were right, and of those down to 0.35
 * seven of ten: the former are stated, the latter are said to be possible.
 */
export const SURE = 0.5;

/** From `least` that are sure to `most` if all that is possible is there. */
export interface KindCount {
  kind: string;
  least: number;
  most: number;
}

export interface PictureContent {
  /** By how sure they are; null if nobody could look. */
  seen: KindCount[] | null;
  /** Null if none was found or doubts are left: a person too small to be found is a person all the same. */
  people: number | null;
  hasFace: boolean;
  /** Lines in reading order; null if nobody could look. */
  lines: string[] | null;
  /** Written matter rather than a scene with some writing in it. */
  isPage: boolean;
}

const PAGE_LINES = 4;
/** Of the picture, taken up by lines of text. */
const PAGE_SHARE = 0.12;

export function contentOf({ objects, faces, text }: Detections): PictureContent {
  const people = countPeople(objects, faces);
  const things = countThings(objects?.filter(({ label }) => label !== 'person') ?? []);
  const seen = [...(people.most > 0 ? [people] : []), ...things];
  const area = text?.reduce((sum, { box }) => sum + areaOf(box), 0) ?? 0;
  const anySure = seen.some(({ least }) => least > 0);
  return {
    seen: objects || faces?.length ? seen : null,
    people:
      people.least > 0 && people.least === people.most && !people.tooMany ? people.least : null,
    hasFace: !!faces?.length,
    lines: text?.map((line) => line.text) ?? null,
    isPage: !anySure && (text?.length ?? 0) >= PAGE_LINES && area > PAGE_SHARE,
  };
}

/** A face is a person, whether or not the rest was recognised. */
function countPeople(objects: Detections['objects'], faces: Detections['faces']) {
  const persons = objects?.filter(({ label }) => label === 'person') ?? [];
  const sure = persons.filter(({ score }) => score >= SURE).length;
  const faceCount = faces?.length ?? 0;
  return {
    kind: 'person',
    least: Math.max(sure, faceCount),
    most: Math.max(persons.length, faceCount),
    // Where the list ends, nobody knows how many more there were.
    tooMany: (objects?.length ?? 0) >= MAX_OBJECTS || faceCount >= MAX_FACES,
  };
}

function countThings(objects: NonNullable<Detections['objects']>): KindCount[] {
  const byKind = Map.groupBy(objects, ({ label }) => label);
  return [...byKind].map(([kind, found]) => ({
    kind,
    least: found.filter(({ score }) => score >= SURE).length,
    most: found.length,
  }));
}

/** Stable English keys of what is sure. */
export function contentTags({ seen, hasFace, lines, isPage }: PictureContent): string[] {
  const kinds = (seen ?? []).filter(({ least }) => least > 0).map(({ kind }) => kindOf(kind));
  const groups = kinds.map(({ group }) => group).filter((group) => group !== null);
  return [
    ...kinds.map(({ key }) => key),
    ...new Set(groups),
    ...(hasFace ? ['face'] : []),
    ...(isPage ? ['document'] : []),
    ...(lines?.length ? ['text'] : []),
  ];
}
