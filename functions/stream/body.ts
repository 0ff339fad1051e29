/**
 * The body of a response that streams. Node frames each write of a chunked body anew (RFC 9112 §7.1): three
 * more buffers and a turn of the event loop for each receiver of each event. Here an event is framed
 * once, and each receiver's socket is given the same bytes.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const CRLF = '\r\n';

/** How long a reader may take for what is left when its stream is over, in milliseconds. */
const LINGER_MS = 10_000;

/** One piece of a body, in its frame. */
export type Chunk = Buffer & { readonly __framed: true };

export function chunk(text: string): Chunk {
  const size = Buffer.byteLength(text).toString(16);
  return Buffer.from(`${size}${CRLF}${text}${CRLF}`) as Chunk;
}

export class StreamBody {
  private readonly response: ServerResponse;
  private readonly lingerMs: number;
  /** Absent when Node has to frame: HTTP/1.0 knows no chunks, and a pipelined response has to wait. */
  private socket: Socket | undefined;

  constructor(response: ServerResponse, lingerMs = LINGER_MS) {
    this.response = response;
    this.lingerMs = lingerMs;
  }

  /** @param onDrain Called whenever the reader is ready for more, after `write` said that it was not. */
  open(headers: OutgoingHttpHeaders, onDrain: () => void): void {
    const { response } = this;
    response.writeHead(200, headers);
    response.flushHeaders();
    const { socket } = response;
    if (!socket || response.req.httpVersion !== '1.1') {
      response.on('drain', onDrain);
      return;
    }
    this.socket = socket;
    socket.on('drain', onDrain);
    // The connection may go on to another request.
    response.once('close', () => socket.off('drain', onDrain));
  }

  /** @returns whether the reader is ready for more; what it is sent all the same is kept in memory. */
  write(piece: Chunk): boolean {
    return this.socket ? this.socket.write(piece) : this.response.write(unframed(piece));
  }

  /** A reader that never reads would keep its connection, and its place, until the platform ends it. */
  end(last?: Chunk): void {
    const { response } = this;
    if (last) this.write(last);
    response.end();
    const timer = setTimeout(() => response.destroy(), this.lingerMs);
    timer.unref();
    response.once('close', () => clearTimeout(timer));
  }
}

function unframed(piece: Chunk): Buffer {
  return piece.subarray(piece.indexOf(CRLF) + CRLF.length, -CRLF.length);
}
