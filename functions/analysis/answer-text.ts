/**
 * Finds the wanted object in a model's answer: in a fence, between words, in a wrapper, in a string, in a tool call. Small
 * mistakes in its JSON are repaired, because another answer would be paid for too. An incomplete answer is never completed,
 * because an invented end may look like the model's own.
 */
import { isDeepStrictEqual } from 'node:util';
import { plainText } from '@media-analysis/shared/plain-text';
import { jsonrepair } from 'jsonrepair';
import { z } from 'zod';
import { InvalidOutputError } from './errors.ts';

/** The texts and tool calls of one answer. The most likely one comes first. */
export type Said = readonly unknown[];

type Fields = Record<string, unknown>;

/** Wrappers, strings and lists of one item around the object. */
const MAX_WRAPPERS = 6;
/** An object with more members is not a wrapper. */
const MAX_WRAPPER_MEMBERS = 10;
const MAX_OBJECTS = 200;
/** A longer text is not repaired, because the time for a repair grows with the square of the length. */
const MAX_REPAIRED = 40_000;
/** Deeper values in the object are left out. */
const MAX_DEPTH = 12;

/**
 * @param names The fields of the wanted object.
 * @returns the fields of the object that has most of them, without control characters
 * @throws {InvalidOutputError} also if two objects are equally complete and differ: one may be a draft, or come from text in
 *   the picture
 */
export function findAnswer(said: Said, names: readonly string[]): Fields {
  const isWanted = (name: string) => names.includes(name);
  for (const each of said) {
    const found = [...objectsIn(each, isWanted, MAX_WRAPPERS)].map((answer) => ({
      answer: plainFields(answer, names),
      count: names.filter((name) => Object.hasOwn(answer, name)).length,
    }));
    const most = Math.max(0, ...found.map(({ count }) => count));
    const [best, ...others] = found.filter(({ count }) => count === most && count > 0);
    if (!best) continue;
    if (others.every(({ answer }) => isDeepStrictEqual(answer, best.answer))) return best.answer;
    throw new InvalidOutputError('several answers', { fault: 'it has several answers' });
  }
  const text = said.filter((each) => typeof each === 'string').join('\n');
  throw new InvalidOutputError('no such object in the answer', { fault: faultOf(text) });
}

/** @throws {InvalidOutputError} with the name of the first field that does not fit */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown): T {
  const { success, data, error } = schema.safeParse(answer);
  if (success) return data;
  const field = error.issues[0]?.path.join('.');
  throw new InvalidOutputError(`answer does not fit: ${z.prettifyError(error)}`, {
    ...(field && { fault: `“${field}” is missing in it, or is not what was asked for` }),
  });
}

function* objectsIn(
  value: unknown,
  isWanted: (name: string) => boolean,
  wrappers: number,
): Generator<Fields> {
  if (wrappers === 0) return;
  const inside = (part: unknown) => objectsIn(part, isWanted, wrappers - 1);
  if (typeof value === 'string') {
    // The text of a member, such as an error, may quote text in the picture.
    if (wrappers < MAX_WRAPPERS && !/^\s*(["[{]|```)/.test(value)) return;
    for (const part of jsonIn(value)) yield* inside(part);
  } else if (Array.isArray(value)) {
    // If there are several answers, nobody knows which one is meant.
    if (value.length === 1) yield* inside(value[0]);
  } else if (isObject(value)) {
    // This is an error of the service, not an answer.
    if (value.error && !isWanted('error')) return;
    const isToolCall = Object.hasOwn(value, 'arguments') && !isWanted('arguments');
    if (isToolCall) return yield* inside(value.arguments);
    yield value;
    // A quote in an answer, such as text in the picture, is not an answer.
    const members = Object.keys(value);
    if (members.length > MAX_WRAPPER_MEMBERS || members.some(isWanted)) return;
    for (const member of members) yield* inside(value[member]);
  }
}

/** Marks of a model's thoughts, which have drafts: `<think>`, `[THINK]`, `◁think▷`, and the channel of gpt-oss. */
const THOUGHTS =
  /[<◁[](think(?:ing)?)\b[^>▷\]]*[>▷\]][\s\S]*?(?:[<◁[]\/\1[>▷\]]|$)|<\|channel\|>analysis[\s\S]*?(?:<\|end\|>|$)|^[^{]*<\/think>/giu;

/** @returns the whole text as JSON, or else each object in it, if all are complete */
function jsonIn(text: string): unknown[] {
  const all = parsed(text);
  if (all !== undefined) return [all];
  const said = text.replace(THOUGHTS, '');
  const found = objectsOf(said);
  // An object before an incomplete one may be its draft, or the first of a list.
  if (found.includes(HALF)) return [];
  return found.flatMap((object) => {
    if (object === HALF) return [];
    const mayRepair = said.length <= MAX_REPAIRED && !ABBREVIATED.test(object.bare);
    return [mayRepair ? repaired(object.json) : parsed(object.json)];
  });
}

/** Stands for an object without an end. */
const HALF = 'half';

interface Found {
  json: string;
  /** The object without its strings. */
  bare: string;
}

function objectsOf(text: string): (Found | typeof HALF)[] {
  const found: (Found | typeof HALF)[] = [];
  let start = text.indexOf('{');
  while (start !== -1 && found.length < MAX_OBJECTS) {
    const object = objectAt(text, start);
    if (!object) return [...found, HALF];
    found.push(object);
    start = text.indexOf('{', start + object.json.length);
  }
  return found;
}

/** Outside of strings: `...`, a comment that there is more, or a number that breaks off. */
const ABBREVIATED =
  /\.{3}|…|(\/\/|\/\*)[^\n]*\b(more|etc|omitted|rest)\b|[:,[]\s*-?\d*[-.]\s*(?=[,}\]])/i;

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function repaired(json: string): unknown {
  const value = parsed(json);
  if (value !== undefined) return value;
  try {
    return parsed(jsonrepair(json));
  } catch {
    return undefined;
  }
}

/** @returns undefined for an object without an end */
function objectAt(text: string, start: number): Found | undefined {
  const open: string[] = [];
  let before = '';
  let bare = '';
  for (let at = start; at < text.length; at++) {
    const sign = text.charAt(at);
    // An apostrophe in a word does not begin a string.
    if (sign === '"' || (sign === "'" && '{[,:'.includes(before))) {
      at = endOfString(text, at, sign);
    } else {
      bare += sign;
      if (sign === '{' || sign === '[') open.push(sign === '{' ? '}' : ']');
      else if ((sign === '}' || sign === ']') && open.pop() !== sign) return undefined;
      if (open.length === 0) return { json: text.slice(start, at + 1), bare };
    }
    if (sign.trim() !== '') before = sign;
  }
  return undefined;
}

function endOfString(text: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== quote) at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

/** A person reads this, and so does the model when it is asked again. */
function faultOf(text: string): string {
  if (text.trim() === '') return 'it is empty';
  if (objectsOf(text).includes(HALF)) return 'it breaks off in the middle';
  return 'it is not in the form that was asked for';
}

function plainFields(answer: Fields, names: readonly string[]): Fields {
  const present = names.filter((name) => Object.hasOwn(answer, name));
  return Object.fromEntries(present.map((name) => [name, plainValue(answer[name], MAX_DEPTH)]));
}

function plainValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return plainText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return null;
  const inside = (part: unknown) => plainValue(part, depth - 1);
  if (Array.isArray(value)) return value.map(inside);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inside(part)]));
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
