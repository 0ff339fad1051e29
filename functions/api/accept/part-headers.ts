/**
 * File names may hold control characters, and browsers put most of them into a part's header as they
 * are (https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
 * escapes only line breaks and quotes). The parser takes such a header for malformed; so the others
 * are escaped in the same way here, and all of them undone once the header is parsed.
 */

const CRLF2 = Buffer.from('\r\n\r\n');
const TAB = 9;
const LF = 10;
const CR = 13;
const DEL = 127;

/** Finds a byte sequence in a stream of chunks, also where it lies across two of them. */
class Finder {
  private readonly needle: Buffer;
  /** The end of what was seen, where a match may have begun. */
  private tail: Buffer = Buffer.alloc(0);

  constructor(needle: Buffer) {
    this.needle = needle;
  }

  /** @returns where in `chunk` the first match ends at or after `from`, or -1. */
  findEnd(chunk: Buffer, from: number): number {
    const overlap = this.needle.length - 1;
    const seam = Buffer.concat([this.tail, chunk.subarray(from, from + overlap)]);
    const across = seam.indexOf(this.needle);
    const start = chunk.indexOf(this.needle, from);
    if (across >= 0) return this.found(from + across - this.tail.length + this.needle.length);
    if (start >= 0) return this.found(start + this.needle.length);
    const rest = chunk.subarray(from);
    this.tail = Buffer.from(Buffer.concat([this.tail, rest.subarray(-overlap)]).subarray(-overlap));
    return -1;
  }

  private found(end: number): number {
    this.tail = Buffer.alloc(0);
    return end;
  }
}

/** @returns what each chunk of the form becomes; most stay as they are. */
export function createHeaderEscaper(boundary: string): (chunk: Buffer) => Buffer {
  const delimiter = new Finder(Buffer.from(`\r\n--${boundary}`, 'latin1'));
  const headerEnd = new Finder(CRLF2);
  // The first delimiter may stand at the very beginning, without the line break before it.
  delimiter.findEnd(Buffer.from('\r\n'), 0);
  let inHeader = false;

  return (chunk) => {
    const pieces: Buffer[] = [];
    for (let from = 0; from < chunk.length; ) {
      const end = (inHeader ? headerEnd : delimiter).findEnd(chunk, from);
      const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
      pieces.push(inHeader ? escapeControls(piece) : piece);
      if (end < 0) break;
      inHeader = !inHeader;
      from = end;
    }
    return pieces.length === 1 ? (pieces[0] ?? chunk) : Buffer.concat(pieces);
  };
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

/** A file name as its sender knows it. One that holds such an escape literally cannot be told apart. */
export function unescapeFileName(name: string): string {
  return name.replace(/%(22|7F|[01][\dA-F])/gi, (_escape, code: string) => {
    return String.fromCharCode(Number.parseInt(code, 16));
  });
}
