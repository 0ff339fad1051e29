/** `uploadType=multipart`: the resource as JSON and the content, in one `multipart/related` body. */
import { StorageError } from '../errors.ts';

/** The first part is a JSON text of a few kB. Headers are shorter. */
const MAX_PART_TEXT_BYTES = 1 << 20;
const HEADERS_END = Buffer.from('\r\n\r\n');

export interface RelatedParts {
  /** The first part: a JSON text. */
  resource: Buffer;
  /** `Content-Type` of the second part. */
  contentType: string | undefined;
  /** The second part as a stream. After its last byte the rest of the body is checked. */
  content: AsyncIterable<Buffer>;
}

/**
 * Reads the body up to the start of the content (RFC 2387, RFC 2046 section 5.1.1).
 * @param contentType the request's content type, with the boundary
 * @throws {StorageError} 400
 */
export async function parseRelated(
  body: AsyncIterable<Buffer>,
  contentType: string | undefined,
): Promise<RelatedParts> {
  const reader = new DelimitedReader(body);
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`);
  await reader.collect(delimiter);
  await reader.collect(HEADERS_END);
  const resource = await reader.collect(delimiter);
  const headers = (await reader.collect(HEADERS_END)).toString();
  return {
    resource,
    contentType: /^content-type:[ \t]*(.+?)[ \t]*$/im.exec(headers)?.[1],
    content: contentOf(reader, delimiter),
  };
}

async function* contentOf(reader: DelimitedReader, delimiter: Buffer): AsyncGenerator<Buffer> {
  yield* reader.until(delimiter);
  const afterLastPart = await reader.rest(2);
  if (afterLastPart.toString() !== '--') throw malformed('expected exactly two parts');
}

function boundaryOf(contentType = ''): string {
  const [, quoted, token] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? token;
  if (!/^multipart\/related\b/i.test(contentType) || boundary === undefined) {
    throw malformed('the content type must be multipart/related with a boundary');
  }
  return boundary;
}

/** Splits a stream at delimiters. It buffers only possible starts of a delimiter. */
class DelimitedReader {
  readonly #source: AsyncIterator<Buffer>;
  // Starts with a line break, so that the first delimiter looks like all others.
  #buffered: Buffer = Buffer.from('\r\n');

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Yields everything before the next `delimiter`, and consumes the delimiter. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#buffered.indexOf(delimiter);
      if (at !== -1) {
        const before = this.#buffered.subarray(0, at);
        this.#buffered = this.#buffered.subarray(at + delimiter.length);
        if (before.length > 0) yield before;
        return;
      }
      const safe = this.#buffered.length - (delimiter.length - 1);
      if (safe > 0) {
        const before = this.#buffered.subarray(0, safe);
        this.#buffered = this.#buffered.subarray(safe);
        yield before;
      }
      if (!(await this.#pull())) throw malformed('the body ends within a part');
    }
  }

  /** Like `until`, but returns the bytes in one buffer. */
  async collect(delimiter: Buffer): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of this.until(delimiter)) {
      size += piece.length;
      if (size > MAX_PART_TEXT_BYTES) {
        throw new StorageError('invalid', 'Metadata part is too large.');
      }
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  /** Reads to the end and returns the first `length` of the remaining bytes. */
  async rest(length: number): Promise<Buffer> {
    while (await this.#pull()) {
      if (this.#buffered.length > length) this.#buffered = this.#buffered.subarray(0, length);
    }
    return this.#buffered.subarray(0, length);
  }

  async #pull(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    if (done) return false;
    this.#buffered = this.#buffered.length === 0 ? value : Buffer.concat([this.#buffered, value]);
    return true;
  }
}

function malformed(why: string): StorageError {
  return new StorageError('invalid', `Malformed multipart body: ${why}.`);
}
