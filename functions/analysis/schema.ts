/** How the model's answer is read. */
import { type ModelOutput, modelOutputSchema } from '@media-analysis/shared/analytics';
import { z } from 'zod';
import { asSchema, asSchemas, type JsonSchema } from '../process/answer-schema.ts';
import { InvalidOutputError } from './errors.ts';
import { withNearMisses } from './near-misses.ts';

/** Our schema with its limits, as JSON Schema: https://json-schema.org/draft-07 */
const fullSchema = z.toJSONSchema(modelOutputSchema, { target: 'draft-7' }) as JsonSchema;

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
