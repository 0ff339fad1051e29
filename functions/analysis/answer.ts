/** Reads the answer of an analysis that a file of `analyses/` defines. */
import { z } from 'zod';
import { MAX_ANSWER_BYTES, storedBytes } from '../process/stored-bytes.ts';
import { InvalidOutputError } from './errors.ts';
import { parseJson } from './schema.ts';

type JsonSchema = { [keyword: string]: unknown };

export type ReadAnswer = (text: string) => Record<string, unknown>;

/**
 * @param schema As `AnalysisDefinition.output`.
 * @returns a function that reads the text of an answer. It throws `InvalidOutputError` for an answer that does not fit.
 */
export function createReadAnswer(schema: JsonSchema): ReadAnswer {
  const fitting = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  return (text) => {
    const parsed = fitting.safeParse(nearer(parseJson(text), schema));
    if (!parsed.success) {
      throw new InvalidOutputError(`answer does not fit: ${z.prettifyError(parsed.error)}`);
    }
    const answer = parsed.data as Record<string, unknown>;
    const bytes = storedBytes(answer);
    if (bytes > MAX_ANSWER_BYTES) {
      throw new InvalidOutputError(
        `answer has ${bytes} bytes, and at most ${MAX_ANSWER_BYTES} can be kept`,
      );
    }
    return answer;
  };
}

/**
 * Corrects an answer that is nearly right: it was paid for, and another one would be too. What is left out becomes null,
 * numbers in quotes become numbers, and what was not asked for goes.
 */
function nearer(value: unknown, schema: JsonSchema): unknown {
  const { anyOf, type, properties, items } = schema as {
    anyOf?: JsonSchema[];
    type?: string;
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
  };
  if (anyOf) {
    const isNothing = value === undefined || value === null || value === '';
    const [plain = {}] = anyOf;
    return isNothing ? null : nearer(value, plain);
  }
  if (type === 'object' && isObject(value)) {
    return Object.fromEntries(
      Object.entries(properties ?? {}).flatMap(([name, member]) => {
        const near = nearer(Object.hasOwn(value, name) ? value[name] : undefined, member);
        return near === undefined ? [] : [[name, near]];
      }),
    );
  }
  if (type === 'array') {
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? value.map((item) => nearer(item, items ?? {})) : value;
  }
  if (typeof value === 'string') {
    const text = value.trim();
    if (type === 'integer' || type === 'number')
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : value;
    if (type === 'boolean')
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : value;
    return text.toWellFormed();
  }
  if (type === 'string' && typeof value === 'number') return String(value);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
