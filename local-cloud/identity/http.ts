/** The HTTP functions of the identity server, and its errors. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';

const STATUSES = {
  invalid_request: 400,
  malformed_body: 400,
  not_found: 404,
  method_not_allowed: 405,
  body_too_large: 413,
  internal: 500,
} as const;

/** The message says why the request is refused, and what to do. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: keyof typeof STATUSES;

  constructor(code: keyof typeof STATUSES, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Far more than a token request or a signed assertion needs. */
const MAX_BODY_BYTES = 64 * 1024;

/** @throws {RequestError} `body_too_large` above the limit; `malformed_body` if the sender disconnects */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // The bytes above the limit are read and dropped, because a sender that is cut off while it writes
      // may never see the answer.
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else
        reject(
          new RequestError(
            'body_too_large',
            `The body has more than ${MAX_BODY_BYTES} bytes. Send less.`,
          ),
        );
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('close', () =>
      reject(
        new RequestError(
          'malformed_body',
          'The connection closed before the end of the body. Send the request again.',
        ),
      ),
    );
  });
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Answers with the problem document of RFC 9457. The text of an unknown error stays hidden. */
export function sendProblem(response: ServerResponse, error: unknown): void {
  const { code, message } =
    error instanceof RequestError
      ? error
      : new RequestError('internal', 'Something went wrong on our side. Try again in a moment.');
  const status = STATUSES[code];
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    detail: message,
  };
  sendJson(response, status, problem, { 'Content-Type': 'application/problem+json' });
}
