/** The little HTTP that the identity server needs. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, toAppError, toProblem } from '@media-analysis/shared/errors';

/** Far more than a token request or a signed assertion takes. */
const MAX_BODY_BYTES = 64 * 1024;

/** @throws {AppError} `body_too_large` past the limit; `malformed_body` if the sender goes away. */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // What comes after the limit is still read, and dropped: a sender that is cut off while it
      // writes may never see the answer.
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else reject(new AppError('body_too_large', `The body exceeds ${MAX_BODY_BYTES} bytes.`));
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('close', () => reject(new AppError('malformed_body', 'The body broke off.')));
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

/** Answers with the RFC 9457 problem document of whatever was thrown. */
export function sendProblem(response: ServerResponse, error: unknown): void {
  const problem = toProblem(toAppError(error));
  sendJson(response, problem.status, problem, { 'Content-Type': 'application/problem+json' });
}
