/** Structured logs for Cloud Logging: each event is one line of JSON. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from '@media-analysis/shared/errors';
import type { SpanContext } from '@opentelemetry/api';
import pino, { type Logger } from 'pino';

export type { Logger };

/** https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity */
const SEVERITY: Record<string, string> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
};

const context = new AsyncLocalStorage<Record<string, unknown>>();

/** Adds the fields, e.g. the trace of the request, to each line that `run` logs. */
export function withLogFields<T>(fields: Record<string, unknown>, run: () => T): T {
  return context.run({ ...context.getStore(), ...fields }, run);
}

export function createLogger(
  unit: string,
  level: string,
  destination: pino.DestinationStream = pino.destination(1),
): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { unit },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label) => ({ severity: SEVERITY[label] ?? 'DEFAULT' }),
      log: toFields,
    },
    // A copy, because pino writes into the object.
    mixin: () => ({ ...context.getStore() }),
  };
  return pino(options, destination);
}

/** These fields are not logged, because a logged token is no longer secret. */
const SECRET = /^(authorization|proxy-authorization|cookie|set-cookie|headers|x-goog-api-key)$/i;
const MAX_DEPTH = 8;

function toFields({ error, ...fields }: Record<string, unknown>): Record<string, unknown> {
  return {
    ...(withoutSecrets(fields) as object),
    ...(error !== undefined && { error: describeError(error) }),
  };
}

function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  // Times and URLs have a JSON form of their own.
  if ('toJSON' in value) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !SECRET.test(name))
      .map(([name, member]) => [name, withoutSecrets(member, depth + 1)]),
  );
}

const MAX_CAUSES = 5;

/**
 * Their messages quote the text that could not be read: V8's for JSON, zod's, and Genkit's for a model's answer. The quote may be a
 * file name from a request, or what a model saw.
 */
const QUOTING: ReadonlySet<string> = new Set(['SyntaxError', 'ZodError', 'ValidationError']);

/**
 * Leaves out secrets: errors of HTTP clients have the whole request as a field, with its token. It also leaves out messages that quote
 * (`QUOTING`), and the message of an `AppError`, which has the name of a file. The code of an `AppError` says the same.
 */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name: type, code, cause } = error as Error & { code?: unknown };
  const isPublic = error instanceof AppError;
  const quotes = QUOTING.has(type) || QUOTING.has(error.constructor.name);
  const stack = quotes ? framesOf(error) : error.stack;
  return {
    type,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(!isPublic && {
      ...(!quotes && { message: withoutKeys(error.message) }),
      stack: withoutKeys(stack ?? ''),
    }),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}

/** The stack without the message. */
function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^ {4}at \S/.test(line))
    .join('\n');
}

/** Removes the queries of URLs, because error messages repeat signed URLs, and their query is a key. */
function withoutKeys(text: string): string {
  return text.replace(/(\bhttps?:\/\/[^\s?"'<>]+)\?[^\s"'<>]+/gi, '$1?…');
}

/**
 * With these fields Cloud Logging groups the lines of one trace.
 * https://cloud.google.com/logging/docs/agent/logging/configuration#special-fields
 */
export function traceFields(
  { traceId, spanId, traceFlags }: SpanContext,
  project: string,
): Record<string, unknown> {
  return {
    'logging.googleapis.com/trace': `projects/${project}/traces/${traceId}`,
    'logging.googleapis.com/spanId': spanId,
    'logging.googleapis.com/trace_sampled': (traceFlags & 1) === 1,
  };
}
