/** Reads the answer of an analysis that a file in `analyses/` defines. */
import { z } from 'zod';
import { findAnswer, isObject, parseAnswer, type Said } from './answer-text.ts';
import { InvalidOutputError } from './errors.ts';
import { MAX_ANSWER_BYTES, storedBytes } from './stored-bytes.ts';

type JsonSchema = { [keyword: string]: unknown };

export type ReadAnswer = (said: Said) => Record<string, unknown>;

/**
 * @param schema The `output` of an `AnalysisDefinition`.
 * @returns a function that throws `InvalidOutputError` for an answer that does not fit
 */
export function createReadAnswer(schema: JsonSchema): ReadAnswer {
  const fitting = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  const names = Object.keys(schema.properties ?? {});
  return (said) => {
    const corrected = correct(findAnswer(said, names), schema);
    const answer = parseAnswer(fitting, corrected) as Record<string, unknown>;
    const bytes = storedBytes(answer);
    if (bytes > MAX_ANSWER_BYTES) {
      throw new InvalidOutputError(
        `answer has ${bytes} bytes, and at most ${MAX_ANSWER_BYTES} can be kept`,
        { fault: 'it is too long to be kept' },
      );
    }
    return answer;
  };
}

/**
 * Corrects an answer that is nearly right, because it was paid for and another one would be too. A missing value becomes null, a
 * number in quotes becomes a number, a choice may have capital letters, and other fields are removed.
 */
function correct(value: unknown, schema: JsonSchema): unknown {
  const {
    anyOf,
    type,
    properties,
    items,
    enum: choices,
  } = schema as {
    anyOf?: JsonSchema[];
    type?: string;
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
    enum?: unknown[];
  };
  if (anyOf) {
    const isNothing = value === undefined || value === null || value === '';
    const [plain = {}] = anyOf;
    return isNothing ? null : correct(value, plain);
  }
  if (type === 'object' && isObject(value)) {
    return Object.fromEntries(
      Object.entries(properties ?? {}).flatMap(([name, member]) => {
        const corrected = correct(Object.hasOwn(value, name) ? value[name] : undefined, member);
        return corrected === undefined ? [] : [[name, corrected]];
      }),
    );
  }
  if (type === 'array') {
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? value.map((item) => correct(item, items ?? {})) : value;
  }
  if (typeof value === 'string') {
    const text = value.trim();
    if (type === 'integer' || type === 'number')
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : value;
    if (type === 'boolean')
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : value;
    return choices?.find((choice) => isSameWord(choice, text)) ?? text;
  }
  if (type === 'string' && typeof value === 'number') return String(value);
  return value;
}

function isSameWord(choice: unknown, text: string): boolean {
  return typeof choice === 'string' && choice.toLowerCase() === text.toLowerCase();
}
