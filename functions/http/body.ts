/** Reads request bodies, because functions-framework would hold each body in memory as a whole. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@media-analysis/shared/errors';
import type { z } from 'zod';
import { issueMessage } from '../process/issue-messages.ts';
import { type BodyTimeouts, watchBody } from './body-timeout.ts';

const contentTypes = new WeakMap<IncomingMessage, string>();

/** Removes the content type from a request's headers (`hosting/framework.ts` says why). `contentTypeOf` returns it. */
export function setContentTypeAside(request: IncomingMessage): void {
  const contentType = request.headers['content-type'];
  if (contentType === undefined) return;
  contentTypes.set(request, contentType);
  delete request.headers['content-type'];
}

export function contentTypeOf(request: IncomingMessage): string | undefined {
  return contentTypes.get(request) ?? request.headers['content-type'];
}

/** Whether a request has a body. A caller without anything to say sends none, or an empty one. */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** JSON, and formats that are JSON, such as `application/merge-patch+json`: RFC 6839 §3.1. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json[ \t]*(?:;|$)/i;

/** @throws {AppError} `not_json` if the request has a body of another type, or of none */
export function refuseOtherThanJson(request: IncomingMessage): void {
  const type = contentTypeOf(request);
  if (!hasBody(request) || JSON_TYPE.test(type ?? '')) return;
  const sent = type === undefined ? 'without a type' : `as "${type.slice(0, 100)}"`;
  throw new AppError(
    'not_json',
    `The body came ${sent}. Send JSON with the header "Content-Type: application/json"; curl needs -H for that.`,
  );
}

const MAX_JSON_BYTES = 64 * 1024;

/** A small body has no reason to take longer. */
const BODY_TIMEOUTS: BodyTimeouts = { stallMs: 30_000, totalMs: 30_000 };

/** @throws {AppError} `invalid_request`, `malformed_body` or `body_too_large` */
export async function readJson<T extends z.ZodType>(
  request: IncomingMessage,
  schema: T,
  maxBytes = MAX_JSON_BYTES,
): Promise<z.infer<T>> {
  const text = await readBody(request, maxBytes);
  let json: unknown;
  try {
    json = JSON.parse(text, (_key, value) => wellFormed(value));
  } catch (cause) {
    throw new AppError('malformed_body', 'The body is not JSON.', { cause });
  }
  return parse(schema, json);
}

/** JSON can escape half a character. UTF-8 cannot encode it, so Firestore would refuse it. */
const wellFormed = (value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value);

/** A body that is too large is read to its end too, because a sender reads the answer only when it has finished. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stopWatching = watchBody(request, BODY_TIMEOUTS, reject);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else reject(new AppError('body_too_large', `This JSON body may have ${maxBytes} bytes.`));
    });
    const over = (cause?: unknown) => {
      stopWatching();
      reject(new AppError('malformed_body', 'The body was cut off.', { cause }));
    };
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('close', () => over());
    // A sender that disconnects is not our fault.
    request.on('error', over);
  });
}

/**
 * @param name The name of the value, for the message, if it is a single field.
 * @throws {AppError} `invalid_request`, with the name of the first bad field
 */
export function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  name = 'the request',
): z.infer<T> {
  const result = schema.safeParse(value, { error: issueMessage });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') || name;
  throw new AppError('invalid_request', `${where}: ${issue?.message ?? 'is not valid'}`);
}
