/** Holds answers of the units against the API's own document: each address, status, type, header, field and event. */
import { OPERATIONS, type Operation } from '@media-analysis/shared/contract';
import { ERRORS, type ErrorCode, PROBLEM_TYPES } from '@media-analysis/shared/errors';
import { type DescribedOperation, openApi } from '@media-analysis/shared/openapi';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const DOCUMENT = openApi({ strict: true });

// The document as a whole is no JSON Schema: to hold it against the schema of schemas would say nothing.
// Its code is not made shorter first, either: that takes as long as to write it, and each test file does it anew.
const code = { optimize: false } as const;
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  validateSchema: false,
  meta: false,
  code,
});
addFormats.default(ajv);
ajv.addSchema(DOCUMENT, 'openapi');

const ROUTES = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    operation,
    pattern: new URLPattern({ pathname: path.replaceAll(/\{(\w+)\}/g, ':$1') }),
    pointer: ['paths', path, method],
  })),
);

/** What answers of this process have shown so far: `getMedia 200`, `getMedia not_found`. */
export const met = new Set<string>();

/** What the document says can be met: each good answer of each route, and each code of each route. */
export function meetable(): string[] {
  return OPERATIONS.flatMap((name) => {
    const { responses } = operationNamed(name);
    return Object.entries(responses).flatMap(([status, { content = {} }]) => {
      const { examples = {} } = content['application/problem+json'] ?? {};
      if (Number(status) < 400) return [`${name} ${status}`];
      return Object.keys(examples).map((code) => `${name} ${code}`);
    });
  });
}

function operationNamed(name: Operation): DescribedOperation {
  const found = ROUTES.find(({ operation }) => operation.operationId === name);
  if (!found) throw new Error(`The document has no ${name}.`);
  return found.operation;
}

interface Asked {
  method?: string | undefined;
  url: string;
}

/**
 * Also reads a copy of the body, if it is JSON.
 * @throws {Error} what is not as the document says
 */
export async function holdToContract(asked: Asked, response: Response): Promise<void> {
  const { method = 'GET', url } = asked;
  const { pathname } = new URL(url);
  if (!pathname.startsWith('/api/')) return;
  const requestId = response.headers.get('x-request-id');
  // The platform has answered, which knows no document: its front, or what stands for the load balancer.
  if (requestId === null && response.status >= 400) return;
  const type = response.headers.get('content-type')?.split(';')[0];
  // The answer to HEAD has no body, and all headers of the one to GET.
  if (method === 'HEAD' && response.status >= 400) return;
  const isJson =
    method !== 'HEAD' && (type === 'application/json' || type === 'application/problem+json');
  const body = isJson ? ((await response.clone().json()) as unknown) : undefined;
  const etag = response.headers.get('etag');
  const { status } = response;
  const problems = problemsOf({ method, pathname, status, type, requestId, etag, body });
  if (problems.length === 0) return;
  throw new Error(`${method} ${pathname} ${response.status}: ${problems.join('; ')}`);
}

interface Answer {
  method: string;
  pathname: string;
  status: number;
  type: string | undefined;
  requestId: string | null;
  etag: string | null;
  body: unknown;
}

/** Given to who asks for what no route has. */
const OF_NO_ROUTE: readonly string[] = ['not_found', 'method_not_allowed', 'invalid_request'];

function problemsOf(answer: Answer): string[] {
  const { method, pathname, status, type, requestId, body } = answer;
  const problems: string[] = [];
  if (!/^[0-9a-f]{32}$/.test(requestId ?? '')) problems.push(`X-Request-Id is ${requestId}`);
  const code = status >= 400 ? codeOf(answer, problems) : undefined;
  const route = routeAt(method, pathname);
  if (!route) {
    if (!OF_NO_ROUTE.includes(code ?? '')) problems.push('the document has no such route');
    met.add(`any ${code}`);
    return problems;
  }
  const { operation, pointer } = route;
  const { content, headers = {} } = operation.responses[status] ?? {};
  met.add(`${operation.operationId} ${code ?? status}`);
  if (!operation.responses[status]) return [...problems, `${status} is not in the document`];
  if ('ETag' in headers !== (answer.etag !== null)) problems.push(`the ETag is ${answer.etag}`);
  if (content === undefined) {
    return type === undefined ? problems : [...problems, `it has a body: ${type}`];
  }
  const described = content[type ?? ''];
  if (!described) return [...problems, `the type ${type} is not in the document`];
  if (!described.schema || body === undefined) return problems;
  const at = [...pointer, 'responses', String(status), 'content', type ?? '', 'schema'];
  return [...problems, ...errorsOf(at, body)];
}

function codeOf({ status, body, requestId }: Answer, problems: string[]): ErrorCode | undefined {
  const { code, type, request_id } = (body ?? {}) as Record<string, unknown>;
  const known = Object.keys(ERRORS).find((each): each is ErrorCode => each === code);
  if (!known) problems.push(`the code is ${code}`);
  else if (ERRORS[known].status !== status) problems.push(`${code} has not the status ${status}`);
  if (type !== `${PROBLEM_TYPES}${code}`) problems.push(`type leads to ${type}`);
  if (request_id !== requestId) problems.push(`request_id is ${request_id}`);
  return known;
}

function routeAt(method: string, pathname: string) {
  const as = method === 'HEAD' ? 'GET' : method;
  return ROUTES.find((route) => route.method === as && route.pattern.test({ pathname }));
}

function errorsOf(pointer: readonly string[], value: unknown): string[] {
  const $ref = `openapi#/${pointer.map(escaped).join('/')}`;
  const validate = ajv.getSchema($ref) ?? ajv.compile({ $ref });
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** A part of a JSON pointer, in an address. */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** @throws {Error} if the document has no such event in the stream at this address, or another shape of its data */
export function holdEventToContract(url: string, event = 'message', data: unknown): void {
  const route = routeAt('GET', new URL(url).pathname);
  const events = route?.operation['x-events'];
  // Of a stand-in, in a test of a client.
  if (!route || !events) return;
  const index = events.findIndex((each) => each.event === event);
  const problems =
    index < 0
      ? ['the document has no such event']
      : errorsOf([...route.pointer, 'x-events', String(index), 'data'], data);
  if (problems.length > 0) throw new Error(`${url}: event ${event}: ${problems.join('; ')}`);
  met.add(`${route.operation.operationId} event ${event}`);
}
