/** Makes one request handler of a table of routes. Any other request gets a problem document. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, ERRORS, toAppError } from '@media-analysis/shared/errors';
import { type Logger, traceFields, withLogFields } from '../process/log.ts';
import { inRequestSpan } from '../process/trace.ts';
import { answerInTime } from './answer-time.ts';
import { applyCors, isPreflight, sendPreflight } from './cors.ts';
import { REQUEST_ID, sendJson, sendProblem } from './respond.ts';

export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** The decoded values of `:name` in the route's path. */
  params: Record<string, string>;
  /** Aborted if the caller disconnects before the answer is complete, or when the time for the answer is over. */
  signal: AbortSignal;
  /** The service key with which a backend calls. */
  keyId?: string | undefined;
}

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  /** A stream of events, which has no answer without a body. Any other GET answers HEAD too. */
  noHead?: boolean;
  handle(call: Call): Promise<void>;
}

interface RouterOptions {
  routes: Route[];
  logger: Logger;
  project: string;
  allowedOrigins: readonly string[];
  /** By default a unit that answers is healthy. */
  health?: () => Promise<Health>;
  /** Requests wait for this, because tracing must start first. */
  ready?: Promise<unknown> | undefined;
  /** Turns an error of a route into the one for the caller. By default an unknown error is `internal`. */
  errorOf?: (thrown: unknown) => AppError;
  /** The answer must begin within this many milliseconds. Default: no limit. */
  answerMs?: number;
  /** A sender may go on sending for this many milliseconds after its answer. */
  lingerMs?: number;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** `degraded`: the unit works, but something that it needs does not. */
export type Health =
  | { status: 'ok' }
  | { status: 'degraded'; reason: string /** ISO time. */; retry_at?: string };

/**
 * Every unit answers `/health` without a token and always with 200, because a new process would not be healthier. Cloud Run
 * reserves `/healthz`: https://cloud.google.com/run/docs/known-issues#ah
 */
function healthRoute(health: () => Promise<Health>): Route {
  return {
    method: 'GET',
    path: '/health',
    handle: async ({ response }) => sendJson(response, 200, await health()),
  };
}

export function createRouter(options: RouterOptions): RequestHandler {
  const { logger, project, allowedOrigins, ready, lingerMs = 30_000 } = options;
  const { answerMs } = options;
  const { health = async () => ({ status: 'ok' }), errorOf = toAppError } = options;
  const table = [...options.routes, healthRoute(health)].map((route) => ({
    route,
    pattern: new URLPattern({ pathname: route.path }),
  }));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    // The query is not logged, because it may contain page tokens, or secrets of a careless client.
    const fields = { method: request.method, path: request.url?.split('?')[0] };
    try {
      const url = parseUrl(request.url);
      applyCors(request, response, allowedOrigins);
      if (isPreflight(request)) return sendPreflight(response);
      const { route, params } = match(table, request.method, url, response);
      const gone = closeController(response);
      const call = { request, response, url, params, signal: gone.signal };
      const onLate = (late: AppError, rest: Promise<void>) => {
        gone.abort(late);
        rest.catch((error: unknown) => {
          logger.info({ ...fields, error }, 'the rest of a request that took too long has failed');
        });
      };
      const work = () => route.handle(call);
      await (answerMs === undefined
        ? work()
        : answerInTime(request, response, answerMs, work, onLate));
    } catch (thrown) {
      const error = errorOf(thrown);
      const level = ERRORS[error.code].status >= 500 ? 'error' : 'info';
      logger[level]({ ...fields, code: error.code, error: thrown }, 'request failed');
      sendProblem(response, error);
    }
    const duration_ms = Math.round(performance.now() - started);
    logger.debug({ ...fields, status: response.statusCode, duration_ms }, 'request');
  }

  return async (request, response) => {
    if (ready !== undefined) await ready;
    response.once('finish', () => endLater(request, lingerMs));
    const name = `${request.method} ${request.url?.split('?')[0]}`;
    await inRequestSpan(name, request.headers.traceparent?.toString(), (span) => {
      // The caller's trace id, if it sends a valid `traceparent`. Any other id from a caller is not trusted.
      const request_id = span.traceId;
      response.setHeader(REQUEST_ID, request_id);
      const fields = { request_id, ...traceFields(span, project) };
      return withLogFields(fields, () => answer(request, response));
    });
  };
}

/**
 * Lets a refused sender finish sending, because it may read the answer only then. After `ms` the connection is closed.
 * (Apache calls this a lingering close.)
 */
function endLater(request: IncomingMessage, ms: number): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.destroy(), ms);
  timer.unref();
  request.once('end', () => clearTimeout(timer));
}

function parseUrl(url: string | undefined): URL {
  // Two slashes at the start would name a host. The URL standard reads backslashes as slashes.
  const parsed = URL.parse((url ?? '/').replace(/^[/\\]+/, '/'), 'http://localhost');
  if (!parsed) throw new AppError('invalid_request', 'The address is not encoded correctly.');
  return parsed;
}

function match(
  table: { route: Route; pattern: URLPattern }[],
  method: string | undefined,
  url: URL,
  response: ServerResponse,
): { route: Route; params: Record<string, string> } {
  const allowed: string[] = [];
  for (const { route, pattern } of table) {
    const found = pattern.exec(url);
    if (!found) continue;
    // Node sends the headers of a GET for a HEAD, and leaves the body out.
    const methods = route.method === 'GET' && !route.noHead ? ['GET', 'HEAD'] : [route.method];
    if (methods.includes(method ?? '')) {
      return { route, params: decodeParams(found.pathname.groups) };
    }
    allowed.push(...methods);
  }
  if (allowed.length > 0) {
    // RFC 9110 §15.5.6: a 405 must name the allowed methods.
    // An address that has a name may also be that of a media: /api/media/export.
    const each = [...new Set(allowed)].join(', ');
    response.setHeader('Allow', each);
    throw new AppError('method_not_allowed', `This address accepts ${each} only.`);
  }
  throw new AppError('not_found', `There is nothing at ${url.pathname}.`);
}

function decodeParams(groups: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(groups).filter((entry) => entry[1] !== undefined);
  try {
    return Object.fromEntries(
      entries.map(([name, text]) => [name, decodeURIComponent(text ?? '')]),
    );
  } catch (cause) {
    throw new AppError('invalid_request', 'The address is not encoded correctly.', { cause });
  }
}

function closeController(response: ServerResponse): AbortController {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new Error('The caller disconnected.'));
  });
  return controller;
}
