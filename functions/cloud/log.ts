/** Structured logs as Cloud Logging reads them: one JSON line an event. */
import { AsyncLocalStorage } from 'node:async_hooks';
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

/** Everything logged below `run` carries these fields, e.g. the trace of the request. */
export function withLogFields<T>(fields: Record<string, unknown>, run: () => T): T {
  return context.run({ ...context.getStore(), ...fields }, run);
}

export function createLogger(unit: string, level = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino({
    level,
    base: { unit },
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ severity: SEVERITY[label] ?? 'DEFAULT' }) },
    mixin: () => context.getStore() ?? {},
    serializers: { error: pino.stdSerializers.errWithCause },
    // A token in a log is a token lost.
    redact: ['authorization', 'cookie', '*.authorization', '*.cookie', '*.headers'],
  });
}

/**
 * The trace of a request as Cloud Logging groups by it, from the W3C `traceparent` header.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceFields(
  traceparent: string | undefined,
  project: string,
): Record<string, string> {
  const match = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}$/.exec(traceparent ?? '');
  if (!match) return {};
  return {
    'logging.googleapis.com/trace': `projects/${project}/traces/${match[1]}`,
    'logging.googleapis.com/spanId': match[2] ?? '',
  };
}
