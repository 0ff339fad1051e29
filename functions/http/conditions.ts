/**
 * Entity tags and the conditions of a request (RFC 9110 §8.8.3 and §13), so that no writer overwrites what it has not seen.
 *
 * A tag is made of the content of an answer. A revision would not do: while a worker has a lease, a change leaves it as it is.
 */
import { createHash } from 'node:crypto';
import { AppError } from '@media-analysis/shared/errors';
import { gzippedTag, sendJson, sendNothing } from './respond.ts';
import type { Call } from './router.ts';

/** Firestore may return the fields of an object in another order than that in which they were written. */
const inOrder = (_name: string, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

function etagOf(content: object): string {
  const hash = createHash('sha256').update(JSON.stringify(content, inOrder));
  return `"${hash.digest('base64url').slice(0, 22)}"`;
}

const TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** @returns undefined without the header @throws {AppError} `invalid_request` */
function tagsOf({ request }: Pick<Call, 'request'>, name: 'If-Match' | 'If-None-Match') {
  const header = request.headers[name.toLowerCase()]?.toString();
  if (header === undefined) return undefined;
  const tags = header.match(/(?:W\/)?"[^"]*"|[^\s,]+/g) ?? [];
  if (header.trim() !== '*' && !(tags.length > 0 && tags.every((tag) => TAG.test(tag)))) {
    const message = `${name}: send * or an ETag as it came, with its quotes, such as "x7Tq"; several with commas between them.`;
    throw new AppError('invalid_request', message);
  }
  return tags;
}

/** A compressed answer has a tag of its own, of the same state. */
const isOf = (tag: string, etag: string) => tag === '*' || tag === etag || tag === gzippedTag(etag);

/**
 * Answers with JSON and its `ETag`: 304 without a body, if a GET names it in `If-None-Match`.
 * @param content What the tag is made of, if that is not the body.
 */
export function sendTagged(
  call: Pick<Call, 'request' | 'response'>,
  status: number,
  body: object,
  content = body,
): void {
  const { request, response } = call;
  const etag = etagOf(content);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  // A proxy that compresses makes a tag weak, which here makes no difference.
  const had = isRead
    ? tagsOf(call, 'If-None-Match')?.find((tag) => isOf(tag.replace(/^W\//, ''), etag))
    : undefined;
  response.setHeader('ETag', had === undefined || had === '*' ? etag : had);
  if (had === undefined) sendJson(response, status, body);
  else sendNothing(response, 304);
}

/**
 * Reads `If-Match`.
 * @param contentOf As given to `sendTagged`.
 * @returns checks a state. Call it in the transaction that writes, so that of two writers only one wins.
 *   It throws {AppError} `precondition_failed`
 * @throws {AppError} `invalid_request`
 * @example
 * const check = ifMatch(call, toWebhook);
 * await webhooks.change(id, (record) => { check(record); return { url }; });
 */
export function ifMatch<State>(
  call: Pick<Call, 'request'>,
  contentOf: (state: State) => object,
): (state: State) => void {
  const tags = tagsOf(call, 'If-Match');
  return (state) => {
    if (tags === undefined) return;
    const etag = etagOf(contentOf(state));
    if (tags.some((tag) => isOf(tag, etag))) return;
    throw new AppError(
      'precondition_failed',
      'It was changed since you have read it, or If-Match has only a weak tag (W/). Read it again, look at what is new, and send your change with the new ETag.',
    );
  };
}
