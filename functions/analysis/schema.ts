/** The schema of the model's answer, and how its answer is read. */
import { type ModelOutput, modelOutputSchema } from '@media-analysis/shared/analytics';
import { z } from 'zod';
import { InvalidOutputError } from './errors.ts';
import { withNearMisses } from './near-misses.ts';

type JsonSchema = { [keyword: string]: unknown };

/** What the model is asked for. */
export interface Wanted {
  /** Asks for the parts of a video. */
  video: boolean;
  /** Asks for a copy of the text in the picture. */
  transcript: boolean;
}

/** Our schema with its limits, as JSON Schema: https://json-schema.org/draft-07 */
const fullSchema = z.toJSONSchema(modelOutputSchema, { target: 'draft-7' }) as JsonSchema;

/**
 * The schema for the model: ours, with two differences. A model writes in this order, and can use what it has
 * written: first what it sees, then its conclusions. And boxes have the form that Gemini is trained to write
 * (https://ai.google.dev/gemini-api/docs/image-understanding).
 */
const { shape } = modelOutputSchema;
const askedSchema = z.object({
  text: shape.text,
  objects: z.array(
    shape.objects.element.omit({ box: true }).extend({
      box_2d: z
        .array(z.number().int())
        .nullable()
        .describe('[ymin, xmin, ymax, xmax], each from 0 to 1000; null if it is not clear where'),
    }),
  ),
  people_count: shape.people_count,
  segments: shape.segments,
  scene: shape.scene,
  mood: shape.mood,
  title: shape.title,
  summary: shape.summary,
  tags: shape.tags,
  safety: shape.safety,
});

/**
 * The schema is sent without its limits. Gemini accepts `minimum`, `maxItems` and similar keywords, but turns them
 * into states of a grammar. If there are too many states, it answers 400 "too many states" or only INVALID_ARGUMENT
 * (https://github.com/googleapis/python-genai/issues/2170). It does not know `maxLength`.
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

const everything = withoutBounds(z.toJSONSchema(askedSchema, { target: 'draft-7' }) as JsonSchema);

export function answerJsonSchema({ video, transcript }: Wanted): JsonSchema {
  const { properties, required, ...rest } = everything;
  const isWanted = (name: string) =>
    (video || name !== 'segments') && (transcript || name !== 'text');
  const members = Object.entries(asSchema(properties)).filter(([name]) => isWanted(name));
  return {
    ...rest,
    properties: Object.fromEntries(members),
    required: (required as string[]).filter(isWanted),
  };
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
 * Reads the model's answer. Values that are too long are cut to the limits of our schema, and values that are nearly
 * right are corrected: a thirty-first tag is no reason to pay for another call.
 *
 * @throws {InvalidOutputError}
 */
export function parseModelOutput(text: string): ModelOutput {
  const json = withNearMisses(parseJson(text));
  const parsed = modelOutputSchema.safeParse(shorten(json, fullSchema));
  if (!parsed.success) {
    throw new InvalidOutputError(`answer does not fit: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

/** @throws {InvalidOutputError} */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(withoutFence(text));
  } catch (cause) {
    throw new InvalidOutputError(text === '' ? 'empty answer' : 'answer is not JSON', { cause });
  }
}

/** Removes Markdown's code fence, which some models write around JSON. */
function withoutFence(text: string): string {
  return /^\s*```(?:json)?\s([\s\S]*?)```\s*$/.exec(text)?.[1] ?? text;
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

/** Finds the keyword in a schema, or in its alternatives: a nullable field is `anyOf` its type and null. */
function alternative(schema: JsonSchema, keyword: string): JsonSchema | undefined {
  return [schema, ...asSchemas(schema.anyOf)].find((each) => keyword in each);
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
