import { type ModelOutput, modelOutputSchema } from '@media-analysis/shared/analytics';
import { z } from 'zod';
import { findAnswer, parseAnswer, type Said } from './answer-text.ts';
import { asSchema, asSchemas, type JsonSchema } from './catalog/answer-schema.ts';
import { withNearMisses } from './near-misses.ts';

/** Our schema with its limits, as JSON Schema: https://json-schema.org/draft-07 */
const fullSchema = z.toJSONSchema(modelOutputSchema, { target: 'draft-7' }) as JsonSchema;

const NAMES = Object.keys(modelOutputSchema.shape);

/**
 * Reads the model's description. Values that are too long are cut to our limits, and values that are nearly right are
 * corrected: a thirty-first tag is no reason to pay for another call.
 * @throws {InvalidOutputError}
 */
export function parseModelOutput(said: Said): ModelOutput {
  const answer = withNearMisses(findAnswer(said, NAMES));
  return parseAnswer(modelOutputSchema, shorten(answer, fullSchema));
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

/** A nullable field is `anyOf` its type and null, so the keyword may be in an alternative. */
function alternative(schema: JsonSchema, keyword: string): JsonSchema | undefined {
  return [schema, ...asSchemas(schema.anyOf)].find((each) => keyword in each);
}
