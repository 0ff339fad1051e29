/**
 * Cleans the headers of a form's parts before busboy parses them.
 *
 * - **Control characters.** A file name may hold them, and browsers send most of them as they are
 *   (https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data escapes only
 *   line breaks and quotes). busboy calls such a header malformed. So the control characters are escaped here
 *   in the same way, and `unescapeFileName` undoes it after the header is parsed.
 * - **`charset`.** busboy decodes the text of a field by the charset that the part names, and Node 24 writes
 *   beyond its buffer when it decodes UTF-16 of an odd length at an odd address
 *   (https://github.com/nodejs/node/pull/64697). So the parameter gets a name that busboy does not know, and
 *   every field is read as UTF-8. Browsers never send the parameter.
 *
 * This code has to find every header that busboy finds. The few broken forms in which busboy could see a
 * header at another place are refused.
 */

const CR = 13;
const LF = 10;
const TAB = 9;
const DEL = 127;
const CRLF = Buffer.from('\r\n');
const CRLF2 = Buffer.from('\r\n\r\n');

/** busboy's own limit, and the LF before the header. */
const MAX_HEADER_BYTES = 16 * 1024 + 1;

/** The whole field: it goes on in the lines that begin with a space or a tab. */
const CONTENT_TYPE = /^content-type:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*/gim;

/** Finds a byte sequence in a stream of chunks, also where it lies across two of them. */
class Finder {
  readonly #needle: Buffer;
  /** The end of the bytes that were seen: a match may begin there. */
  #tail: Buffer;

  /** @param before The bytes before the first chunk. */
  constructor(needle: Buffer, before: Buffer) {
    this.#needle = needle;
    this.#tail = before;
  }

  /** @returns where in `chunk` the first match ends at or after `from`, or -1. */
  findEnd(chunk: Buffer, from: number): number {
    const overlap = this.#needle.length - 1;
    const seam = Buffer.concat([this.#tail, chunk.subarray(from, from + overlap)]);
    const across = seam.indexOf(this.#needle);
    const start = chunk.indexOf(this.#needle, from);
    if (across >= 0) return this.#found(from + across - this.#tail.length + this.#needle.length);
    if (start >= 0) return this.#found(start + this.#needle.length);
    const rest = chunk.subarray(from);
    this.#tail = Buffer.from(
      Buffer.concat([this.#tail, rest.subarray(-overlap)]).subarray(-overlap),
    );
    return -1;
  }

  #found(end: number): number {
    this.#tail = Buffer.alloc(0);
    return end;
  }
}

/** The part of the form to which the next byte belongs. */
type Place = 'content' | 'after delimiter' | 'header';

/**
 * @param boundary The same text that busboy searches for.
 * @returns a function that gives the clean bytes of each chunk, or undefined if the form is malformed. It keeps the
 *   bytes of a header until the header is complete.
 */
export function createHeaderCleaner(boundary: string): (chunk: Buffer) => Buffer | undefined {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  let place: Place = 'content';
  // The first delimiter may be at the very beginning of the form, without a line break before it.
  let nextDelimiter = new Finder(delimiter, CRLF);
  let header = new Header(delimiter);
  /** Bytes of the content since its header; infinite where there is none. */
  let sinceHeader = Number.POSITIVE_INFINITY;

  return (chunk) => {
    const clean: Buffer[] = [];
    for (let from = 0; from < chunk.length; ) {
      if (place === 'content') {
        const end = nextDelimiter.findEnd(chunk, from);
        const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
        clean.push(piece);
        from += piece.length;
        sinceHeader += piece.length;
        if (end < 0) continue;
        // It begins with the line break that ends the header: busboy goes on with the same header.
        if (sinceHeader === delimiter.length - CRLF.length) return undefined;
        place = 'after delimiter';
      } else if (place === 'header') {
        const end = header.read(chunk, from);
        if (header.isMalformed) return undefined;
        from = end < 0 ? chunk.length : end;
        if (end < 0) continue;
        clean.push(header.clean());
        nextDelimiter = new Finder(delimiter, CRLF);
        sinceHeader = 0;
        place = 'content';
      } else if (chunk[from] === CR) {
        clean.push(chunk.subarray(from, from + 1));
        from += 1;
        header = new Header(delimiter);
        place = 'header';
      } else {
        // No header follows, but the end of the form, or something that busboy passes over.
        sinceHeader = Number.POSITIVE_INFINITY;
        place = 'content';
      }
    }
    return clean.length === 1 ? (clean[0] ?? chunk) : Buffer.concat(clean);
  };
}

/** The header of one part, from the LF after the delimiter to the empty line. */
class Header {
  readonly #pieces: Buffer[] = [];
  #size = 0;
  isMalformed = false;
  readonly #end = new Finder(CRLF2, CRLF.subarray(0, 1));
  readonly #delimiter: Finder;

  constructor(delimiter: Buffer) {
    this.#delimiter = new Finder(delimiter, CRLF.subarray(0, 1));
  }

  /** @returns where in `chunk` the header ends, or -1. */
  read(chunk: Buffer, from: number): number {
    const end = this.#end.findEnd(chunk, from);
    const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
    this.#pieces.push(piece);
    this.#size += piece.length;
    // busboy takes the lines before and after a delimiter that is inside a header for one header.
    const hasDelimiter = this.#delimiter.findEnd(piece, 0) >= 0;
    this.isMalformed = hasDelimiter || this.#size > MAX_HEADER_BYTES;
    return end;
  }

  clean(): Buffer {
    const text = escapeControls(Buffer.concat(this.#pieces)).toString('latin1');
    const renamed = text.replace(CONTENT_TYPE, (field) => field.replace(/charset=/gi, 'ignored='));
    return Buffer.from(renamed, 'latin1');
  }
}

function escapeControls(header: Buffer): Buffer {
  if (!header.some(isControl)) return header;
  const bytes: number[] = [];
  for (const byte of header) {
    if (isControl(byte)) bytes.push(...Buffer.from(`%${hex(byte)}`));
    else bytes.push(byte);
  }
  return Buffer.from(bytes);
}

function isControl(byte: number): boolean {
  return (byte < 32 && byte !== TAB && byte !== LF && byte !== CR) || byte === DEL;
}

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, '0');

/** @returns a file name as its sender knows it. A name that really contains such an escape is changed too. */
export function unescapeFileName(name: string): string {
  return name.replace(/%(22|7F|[01][\dA-F])/gi, (_escape, code: string) => {
    return String.fromCharCode(Number.parseInt(code, 16));
  });
}
