/** What the model is asked to answer with, and how its answer is read. */
import { boxSchema, type ModelOutput, modelOutputSchema } from '@media-analysis/shared/analytics';
import { z } from 'zod';
import { InvalidOutputError } from './errors.ts';

type JsonSchema = { [keyword: string]: unknown };

/** Genkit's validator knows no newer draft. */
const fullSchema = z.toJSONSchema(modelOutputSchema, { target: 'draft-7' }) as JsonSchema;

/**
 * The shape without its bounds. Gemini knows `minimum`, `maxItems` and their like, but turns them
 * into states of a grammar, and answers 400 "too many states" or a bare INVALID_ARGUMENT when they
 * add up (https://github.com/googleapis/python-genai/issues/2170). `maxLength` it does not know.
 */
const SENT_KEYWORDS = new Set([
  'type',
  'description',
  'properties',
  'required',
  'items',
  'anyOf',
  'enum',
]);

const videoSchema = withoutBounds(fullSchema);
const photoSchema = withoutBounds(
  z.toJSONSchema(modelOutputSchema.omit({ segments: true }), { target: 'draft-7' }) as JsonSchema,
);

export function answerJsonSchema({ video }: { video: boolean }): JsonSchema {
  return video ? videoSchema : photoSchema;
}

function withoutBounds(schema: JsonSchema): JsonSchema {
  const kept = Object.entries(schema).filter(([keyword]) => SENT_KEYWORDS.has(keyword));
  return Object.fromEntries(
    kept.map(([keyword, value]) => {
      if (keyword === 'properties') return [keyword, mapValues(asSchema(value), withoutBounds)];
      if (keyword === 'items') return [keyword, withoutBounds(asSchema(value))];
      if (keyword === 'anyOf') return [keyword, asSchemas(value).map(withoutBounds)];
      return [keyword, value];
    }),
  );
}

/**
 * Reads the model's answer. What is merely too long is cut to the limits of our schema: a
 * thirty-first tag is no reason to pay for another call.
 *
 * @throws InvalidOutputError
 */
export function parseModelOutput(text: string): ModelOutput {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InvalidOutputError(text === '' ? 'empty answer' : 'answer is not JSON', { cause });
  }
  const parsed = modelOutputSchema.safeParse(withoutNonsense(shorten(json, fullSchema)));
  if (!parsed.success) {
    throw new InvalidOutputError(`answer does not fit: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

function shorten(value: unknown, schema: JsonSchema): unknown {
  if (typeof value === 'string') return value.slice(0, limit(schema, 'maxLength')).toWellFormed();
  if (Array.isArray(value)) {
    const items = asSchema(alternative(schema, 'items')?.items ?? {});
    return value.slice(0, limit(schema, 'maxItems')).map((item) => shorten(item, items));
  }
  if (typeof value !== 'object' || value === null) return value;
  const properties = asSchema(alternative(schema, 'properties')?.properties ?? {});
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      return [name, shorten(member, asSchema(properties[name] ?? {}))];
    }),
  );
}

function limit(schema: JsonSchema, keyword: string): number | undefined {
  const value = alternative(schema, keyword)?.[keyword];
  return typeof value === 'number' ? value : undefined;
}

/** A nullable field is `anyOf` its type and null. */
function alternative(schema: JsonSchema, keyword: string): JsonSchema | undefined {
  return [schema, ...asSchemas(schema.anyOf)].find((each) => keyword in each);
}

/**
 * Models like to answer in pixels or in thousandths: what was seen is worth more than where. So is a
 * description than a part of it that ends before it begins.
 */
function withoutNonsense(json: unknown): unknown {
  const { objects, segments } = asSchema(json);
  return {
    ...asSchema(json),
    ...(Array.isArray(objects) && { objects: objects.map(withoutBadBox) }),
    ...(Array.isArray(segments) && { segments: segments.filter(isSpan) }),
  };
}

function withoutBadBox(object: unknown): unknown {
  const { box, ...rest } = asSchema(object);
  return { ...rest, box: boxSchema.safeParse(box).success ? box : null };
}

function isSpan(segment: unknown): boolean {
  const { start_s, end_s } = asSchema(segment);
  return Number(start_s) <= Number(end_s);
}

function asSchema(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : {};
}

function asSchemas(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.map(asSchema) : [];
}

function mapValues(members: JsonSchema, map: (schema: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, map(asSchema(value))]),
  );
}
