/** The HTTP functions of the identity server. It stands for Google's, so it shares none with the units. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, toAppError, toProblem } from '@media-analysis/shared/errors';

/** Far more than a token request or a signed assertion needs. */
const MAX_BODY_BYTES = 64 * 1024;

/** @throws {AppError} `body_too_large` above the limit; `malformed_body` if the sender disconnects. */
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
          new AppError(
            'body_too_large',
            `The body has more than ${MAX_BODY_BYTES} bytes. Send less.`,
          ),
        );
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('close', () =>
      reject(
        new AppError(
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

/** Answers with the RFC 9457 problem document of any thrown value. */
export function sendProblem(response: ServerResponse, error: unknown): void {
  const problem = toProblem(toAppError(error));
  sendJson(response, problem.status, problem, { 'Content-Type': 'application/problem+json' });
}
