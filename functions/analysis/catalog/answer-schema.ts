/** The schema of the description that a model is asked for. */
import { modelOutputSchema } from '@media-analysis/shared/analytics';
import { z } from 'zod';

export type JsonSchema = { [keyword: string]: unknown };

/** Optional parts of the answer. */
export interface Wanted {
  /** Asks for the parts of a video. */
  video: boolean;
  /** Asks for a copy of the text in the picture. */
  transcript: boolean;
}

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

let everything: JsonSchema | undefined;

/** Made at its first use, because a cold start needs it only for an analysis. */
function wholeSchema(): JsonSchema {
  everything ??= withoutBounds(z.toJSONSchema(askedSchema, { target: 'draft-7' }) as JsonSchema);
  return everything;
}

export function answerJsonSchema({ video, transcript }: Wanted): JsonSchema {
  const { properties, required, ...rest } = wholeSchema();
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

export function asSchema(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : {};
}

export function asSchemas(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.map(asSchema) : [];
}

function mapValues(members: JsonSchema, map: (schema: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, map(asSchema(value))]),
  );
}
