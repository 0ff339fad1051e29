/** The answers of Cloud Run itself when no container answers: short HTML pages, not problem documents. */
import type { ServerResponse } from 'node:http';

/** https://cloud.google.com/run/docs/troubleshooting#serving-errors */
const TEXTS = {
  400: 'Your client has issued a malformed or illegal request.',
  401: 'Your client does not have permission to the requested URL.',
  403: 'Your client does not have permission to get this URL from this server.',
  413: 'Your client issued a request that was too large.',
  429: 'Rate exceeded.',
  503: 'Service Unavailable',
  504: 'upstream request timeout',
} as const;

export type RefusalStatus = keyof typeof TEXTS;

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: RefusalStatus;

  constructor(status: RefusalStatus, options?: ErrorOptions) {
    super(TEXTS[status], options);
    this.status = status;
  }
}

/** Sends no `Retry-After` and no CORS headers: a client must work with the status alone. */
export function sendRefusal(response: ServerResponse, { status, message }: Refusal): void {
  const body = `<html><head><title>${status}</title></head><body><h1>${message}</h1></body></html>`;
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=UTF-8',
    'Content-Length': Buffer.byteLength(body),
    // The rest of the request's body is not read.
    Connection: 'close',
  });
  response.end(body);
}
