/**
 * Checks the argument of CreateTask and fills in its defaults.
 * https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#createtaskrequest
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { protos } from '@google-cloud/tasks';
import { invalidArgument } from '../base/rpc-error.ts';
import type { Authorization, HttpMethod, NewTask, TaskRequest, WireTask } from './model.ts';
import { generateTaskName, taskName } from './names.ts';
import { fromDuration, fromTimestamp } from './wire.ts';

type WireRequest = protos.google.cloud.tasks.v2.IHttpRequest;

/**
 * "Maximum task size: 1 MB" (https://cloud.google.com/tasks/docs/quotas); the reference of CreateTask
 * still says 100 kB. This limit takes MB as a million bytes, the smaller meaning, so that no task passes
 * here that fails there.
 */
const MAX_TASK_BYTES = 1_000_000;
const MAX_HEADER_BYTES = 80 * 1024;
const MAX_URL_LENGTH = 2_083;
const MAX_SCHEDULE_AHEAD_US = 30 * 86_400e6;
const DEADLINE_MS = { default: 600_000, min: 15_000, max: 1_800_000 };
const CLOUD_PLATFORM_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

const METHODS: readonly string[] = [
  'POST',
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
] satisfies HttpMethod[];
const METHODS_WITH_BODY: readonly string[] = ['POST', 'PUT', 'PATCH'];

/** Headers that the service sets itself, reserves for itself, or that concern only the connection. */
const IGNORED_HEADER =
  /^(host|content-length|user-agent|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|x-google-.*|x-appengine-.*|x-cloudtasks-.*)$/i;

/** @throws {RpcError} INVALID_ARGUMENT, with a message that names the mistake */
export function newTask(queue: string, wire: WireTask, nowUs: number): NewTask {
  if (wire.appEngineHttpRequest) {
    throw invalidArgument('App Engine targets are not available: give the task an http_request.');
  }
  if (!wire.httpRequest) throw invalidArgument('task.http_request is required.');
  const task = {
    name: wire.name ? taskName(wire.name) : generateTaskName(queue),
    queue,
    createUs: nowUs,
    scheduleUs: scheduleTime(wire, nowUs),
    request: taskRequest(wire, wire.httpRequest),
    body: body(wire.httpRequest),
  };
  if (!task.name.startsWith(`${queue}/tasks/`)) {
    throw invalidArgument(`task.name must begin with the parent, ${queue}/tasks/.`);
  }
  checkSize(task);
  return task;
}

function taskRequest(wire: WireTask, http: WireRequest): TaskRequest {
  const url = targetUrl(http.url);
  const authorization = taskAuthorization(http, url);
  return {
    url,
    method: method(http),
    headers: headers(http, authorization !== undefined),
    ...(authorization && { authorization }),
    deadlineMs: dispatchDeadline(wire),
  };
}

function scheduleTime({ scheduleTime: wire }: WireTask, nowUs: number): number {
  const scheduleUs = wire ? fromTimestamp(wire) : nowUs;
  if (scheduleUs > nowUs + MAX_SCHEDULE_AHEAD_US) {
    throw invalidArgument('task.schedule_time must be within the next 30 days.');
  }
  return Math.max(scheduleUs, nowUs);
}

function dispatchDeadline({ dispatchDeadline: wire }: WireTask): number {
  const ms = wire ? fromDuration(wire) : DEADLINE_MS.default;
  if (ms >= DEADLINE_MS.min && ms <= DEADLINE_MS.max) return ms;
  throw invalidArgument('task.dispatch_deadline must be between 15 s and 30 min.');
}

function targetUrl(url: string | null | undefined): string {
  const parsed = /^https?:\/\//i.test(url ?? '') && URL.canParse(url ?? '') && new URL(url ?? '');
  if (!parsed)
    throw invalidArgument(`http_request.url "${url ?? ''}" is not an http or https URL.`);
  if (parsed.href.length > MAX_URL_LENGTH) {
    throw invalidArgument(`http_request.url must not exceed ${MAX_URL_LENGTH} characters.`);
  }
  return url ?? '';
}

function method({ httpMethod }: WireRequest): HttpMethod {
  if (!httpMethod || httpMethod === 'HTTP_METHOD_UNSPECIFIED') return 'POST';
  if (METHODS.includes(String(httpMethod))) return httpMethod as HttpMethod;
  throw invalidArgument(`http_request.http_method ${httpMethod} is unknown.`);
}

function headers(http: WireRequest, authorized: boolean): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw invalidArgument(`http_request.headers: "${name}" is not a valid HTTP header.`);
    }
    const replaced = authorized && name.toLowerCase() === 'authorization';
    if (!replaced && !IGNORED_HEADER.test(name)) kept[name] = value;
  }
  return kept;
}

function body(http: WireRequest): Uint8Array {
  const bytes =
    http.body instanceof Uint8Array ? http.body : Buffer.from(http.body ?? '', 'base64');
  if (bytes.length > 0 && !METHODS_WITH_BODY.includes(method(http))) {
    throw invalidArgument(`http_request.body: a ${method(http)} request must not have a body.`);
  }
  return bytes;
}

function taskAuthorization(http: WireRequest, url: string): Authorization | undefined {
  const { oidcToken, oauthToken } = http;
  const email = (oidcToken ?? oauthToken)?.serviceAccountEmail ?? '';
  if (!oidcToken && !oauthToken) return undefined;
  if (!/^[^@\s]+@[^@\s]+$/.test(email)) {
    throw invalidArgument(
      `http_request: "${email}" is not the email address of a service account.`,
    );
  }
  if (oidcToken) return { kind: 'oidc', email, audience: oidcToken.audience || url };
  return { kind: 'oauth', email, scope: oauthToken?.scope || CLOUD_PLATFORM_SCOPE };
}

function checkSize({ name, request, body }: Pick<NewTask, 'name' | 'request' | 'body'>): void {
  const headerBytes = Buffer.byteLength(Object.entries(request.headers).flat().join(''));
  if (headerBytes > MAX_HEADER_BYTES) {
    throw invalidArgument(`http_request.headers must not exceed ${MAX_HEADER_BYTES} bytes.`);
  }
  const size = name.length + request.url.length + headerBytes + body.length;
  if (size > MAX_TASK_BYTES) {
    throw invalidArgument(`A task must not exceed ${MAX_TASK_BYTES} bytes; this one has ${size}.`);
  }
}
