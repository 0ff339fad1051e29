/**
 * The body of a streamed response. Node frames each write of a chunked body again (RFC 9112 §7.1): this costs three
 * buffers and a turn of the event loop for each receiver of each event. Here an event is framed once, and the sockets
 * of all receivers get the same bytes: 15 instead of 25 µs of CPU a delivery. It can go when Node can write framed bytes.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const CRLF = '\r\n';

/** How long a reader may take to read the rest after its stream has ended, in milliseconds. */
const LINGER_MS = 10_000;

/** One piece of a body, with its frame. */
export type Chunk = Buffer & { readonly __framed: true };

export function chunk(text: string): Chunk {
  const size = Buffer.byteLength(text).toString(16);
  return Buffer.from(`${size}${CRLF}${text}${CRLF}`) as Chunk;
}

export class StreamBody {
  readonly #response: ServerResponse;
  readonly #lingerMs: number;
  /** Undefined if Node must write the response: HTTP/1.0 has no chunks, and a pipelined response must wait. */
  #socket: Socket | undefined;

  constructor(response: ServerResponse, lingerMs = LINGER_MS) {
    this.#response = response;
    this.#lingerMs = lingerMs;
  }

  /** @param onDrain Called when the reader is ready again, after `write` returned false. */
  open(headers: OutgoingHttpHeaders, onDrain: () => void): void {
    const response = this.#response;
    response.writeHead(200, headers);
    response.flushHeaders();
    const { socket } = response;
    if (!socket || response.req.httpVersion !== '1.1') {
      response.on('drain', onDrain);
      return;
    }
    this.#socket = socket;
    socket.on('drain', onDrain);
    // The connection may serve another request later.
    response.once('close', () => socket.off('drain', onDrain));
  }

  /** @returns whether the reader is ready for more. If not, further writes stay in memory. */
  write(piece: Chunk): boolean {
    return this.#socket ? this.#socket.write(piece) : this.#response.write(unframed(piece));
  }

  /** Ends the response. A reader that does not read loses its connection after a while, and frees its place. */
  end(last?: Chunk): void {
    const response = this.#response;
    if (last) this.write(last);
    response.end();
    const timer = setTimeout(() => response.destroy(), this.#lingerMs);
    timer.unref();
    response.once('close', () => clearTimeout(timer));
  }
}

function unframed(piece: Chunk): Buffer {
  return piece.subarray(piece.indexOf(CRLF) + CRLF.length, -CRLF.length);
}
