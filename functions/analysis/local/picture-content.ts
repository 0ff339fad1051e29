/** Decides which detections to mention, and how sure they are. The words are in `vision-words.ts`. */
import { SURE } from '@media-analysis/shared/local-models';
import { areaOf, type Scored } from '@media-analysis/vision/geometry';
import {
  type Detections,
  MAX_FACES,
  MAX_OBJECTS,
  type Script,
} from '@media-analysis/vision/protocol';
import { kindOf } from './kinds.ts';
import { isReceipt, readReceipt } from './receipt.ts';

/** The number of objects of a kind: `least` are sure, `most` are possible. */
export interface KindCount {
  kind: string;
  least: number;
  most: number;
  /** At least one is sure enough for a title. */
  isClear: boolean;
}

export interface PictureContent {
  /** Null if the objects could not be detected. */
  seen: KindCount[] | null;
  /** Null if the number is not sure, and also if no person was found: a person may be too small. */
  people: number | null;
  hasFace: boolean;
  /** Rows of text in reading order; null if the text could not be read. */
  lines: string[] | null;
  /** The script of writing that could not be read. `unknown`: the script is not sure. Null: there is no such writing. */
  unread: Script | 'unknown' | null;
  codes: Code[];
  /** A page, a sign or a screenshot, not a scene with some text in it. */
  isPage: boolean;
  /** Null if it is not a receipt. */
  receipt: { merchant: string | null } | null;
}

export interface Code {
  kind: 'QR code' | 'barcode';
  text: string;
}

/** This many rows are a page, whatever share of the picture they cover. */
const PAGE_ROWS = 6;
/** This many rows are a page even if there is a sure object too, as in a screenshot. */
const FULL_PAGE_ROWS = 12;
const SIGN_ROWS = 4;
/** The share of the picture that the rows of a sign must cover. */
const SIGN_SHARE = 0.12;
/** Most mistakes among sure objects are small things, so a title needs more. */
const CLEAR = 0.6;
const CLEAR_SHARE = 0.01;
/** A sure thing that fills this share is enough, unless it is one of these animals: unknown animals look like one of them. */
const LARGE_SHARE = 0.2;
const ANIMALS = new Set(['bird', 'horse', 'sheep', 'cow', 'elephant', 'bear', 'zebra', 'giraffe']);

export function contentOf(detections: Detections): PictureContent {
  const { objects, text, unread, codes } = detections;
  const faces = facesOf(detections);
  const people = countPeople(objects, faces);
  const things = countThings(objects?.filter(({ label }) => label !== 'person') ?? []);
  const seen = [...(people.most > 0 ? [people] : []), ...things];
  const anySure = seen.some(({ least }) => least > 0);
  return {
    seen: objects || faces?.length ? seen : null,
    people:
      people.least > 0 && people.least === people.most && !people.tooMany ? people.least : null,
    hasFace: !!faces?.length,
    lines: text?.map((line) => line.text) ?? null,
    unread,
    codes: (codes ?? []).map(({ format, text }) => ({
      kind: format.startsWith('QRCode') ? 'QR code' : 'barcode',
      text,
    })),
    isPage: isPage(text ?? [], anySure),
    receipt: text && isReceipt(text) ? { merchant: readReceipt(text).merchant } : null,
  };
}

function isPage(rows: NonNullable<Detections['text']>, anySure: boolean): boolean {
  if (anySure) return rows.length >= FULL_PAGE_ROWS;
  const area = rows.reduce((sum, { box }) => sum + areaOf(box), 0);
  return rows.length >= PAGE_ROWS || (rows.length >= SIGN_ROWS && area > SIGN_SHARE);
}

/** Without any body, even an unsure one, a face belongs to an animal or a thing. */
export function facesOf({ objects, faces }: Detections): Detections['faces'] {
  return objects && !objects.some(({ label }) => label === 'person') ? [] : faces;
}

/** A face counts as a person, even if its body is not sure. */
function countPeople(objects: Detections['objects'], faces: Detections['faces']) {
  const persons = objects?.filter(({ label }) => label === 'person') ?? [];
  const sure = persons.filter(({ score }) => score >= SURE).length;
  const faceCount = faces?.length ?? 0;
  return {
    kind: 'person',
    least: Math.max(sure, faceCount),
    most: Math.max(persons.length, faceCount),
    // A face is not enough: a dog has one too, and may look like an unsure body.
    isClear: persons.some(isClear),
    // If a list is full, there may be more.
    tooMany: (objects?.length ?? 0) >= MAX_OBJECTS || faceCount >= MAX_FACES,
  };
}

function countThings(objects: NonNullable<Detections['objects']>): KindCount[] {
  const byKind = Map.groupBy(objects, ({ label }) => label);
  return [...byKind].map(([kind, found]) => ({
    kind,
    least: found.filter(({ score }) => score >= SURE).length,
    most: found.length,
    isClear: found.some(isClear),
  }));
}

function isClear({ label, score, box }: Scored & { label: string }): boolean {
  const share = areaOf(box);
  return (
    (score >= CLEAR && share >= CLEAR_SHARE) ||
    (score >= SURE && share >= LARGE_SHARE && !ANIMALS.has(label))
  );
}

/** Tags from sure detections: stable English keys. */
export function contentTags({
  seen,
  hasFace,
  lines,
  unread,
  codes,
  isPage,
  receipt,
}: PictureContent): string[] {
  const kinds = (seen ?? []).filter(({ least }) => least > 0).map(({ kind }) => kindOf(kind));
  const groups = kinds.map(({ group }) => group).filter((group) => group !== null);
  return [
    ...kinds.map(({ key }) => key),
    ...new Set(groups),
    ...(hasFace ? ['face'] : []),
    ...(receipt ? ['receipt'] : []),
    ...(isPage ? ['document'] : []),
    ...(lines?.length || unread ? ['text'] : []),
    ...new Set(codes.map(({ kind }) => kind.toLowerCase())),
  ];
}
