import { describe, expect, test } from '@jest/globals';
import type { MediaStatus } from '@media-analysis/shared/status';
import { type Chunk, chunk } from './body.ts';
import { StreamConnection } from './connection.ts';
import type { MediaState } from './events.ts';

/** The body of a response. Its reader is ready only when the test says so. */
class FakeBody {
  headers: unknown;
  sent: string[] = [];
  ended = false;
  isReading = true;
  #onDrain: () => void = () => undefined;

  open(headers: unknown, onDrain: () => void): void {
    this.headers = headers;
    this.#onDrain = onDrain;
  }

  write(piece: Chunk): boolean {
    if (this.ended) throw new Error('write after end');
    this.sent.push(textOf(piece));
    return this.isReading;
  }

  end(last?: Chunk): void {
    if (this.ended) throw new Error('end after end');
    if (last) this.sent.push(textOf(last));
    this.ended = true;
  }

  /** The reader has read everything. A slow reader blocks again at the next write. */
  drain(): void {
    this.#onDrain();
  }
}

/** The text inside a chunk's frame. */
function textOf(piece: Chunk): string {
  const [, text = ''] = /^[0-9a-f]+\r\n([\s\S]*)\r\n$/.exec(piece.toString()) ?? [];
  return text;
}

function connect(ids: string[]) {
  const response = new FakeBody();
  return { response, connection: new StreamConnection(response, ids) };
}

const present = (text: string, status: MediaStatus = 'analyzing'): MediaState => ({
  kind: 'present',
  status,
  event: chunk(text),
});
const unknown: MediaState = { kind: 'absent', known: false };
const removed: MediaState = { kind: 'absent', known: true };
const DONE = (completed: number, failed: number) =>
  `event: done\nid: done\ndata: {"completed":${completed},"failed":${failed}}\n\n`;
const OPENING = 'retry: 1000\n';

describe('before it is open', () => {
  test('nothing is sent, and only the newest state of each media is kept', () => {
    const { response, connection } = connect(['a', 'b']);
    connection.push('a', present('a1'));
    connection.push('b', present('b1'));
    connection.push('a', present('a2'));
    expect(response.sent).toEqual([]);
    connection.open();
    expect(response.sent).toEqual([OPENING, 'b1', 'a2']);
    expect(response.ended).toBe(false);
  });

  test('it reports when every state is known, and whether a media is the caller’s', () => {
    const { connection } = connect(['a', 'b']);
    expect(connection.isComplete).toBe(false);
    connection.push('a', unknown);
    expect([connection.isComplete, connection.hasMedia]).toEqual([false, false]);
    connection.push('b', present('b1'));
    expect([connection.isComplete, connection.hasMedia]).toEqual([true, true]);
  });
});

describe('a reader that keeps up', () => {
  test('gets every state in the order in which it happened', () => {
    const { response, connection } = connect(['a', 'b']);
    connection.open();
    connection.push('a', present('a1'));
    connection.push('b', present('b1'));
    connection.push('a', present('a2'));
    expect(response.sent).toEqual([OPENING, 'a1', 'b1', 'a2']);
  });

  test('gets an event for unknown ids and for removed media', () => {
    const { response, connection } = connect(['a', 'b', 'c']);
    connection.push('c', present('c1'));
    connection.push('a', unknown);
    connection.push('b', removed);
    connection.open();
    expect(response.sent.slice(2)).toEqual([
      'event: problem\ndata: {"media_id":"a","code":"not_found"}\n\n',
      'event: removed\ndata: {"media_id":"b"}\n\n',
    ]);
  });

  test('gets heartbeats', () => {
    const { response, connection } = connect(['a']);
    connection.open();
    connection.heartbeat();
    expect(response.sent).toEqual([OPENING, ': keep-alive\n']);
  });
});

describe('a reader that does not keep up', () => {
  test('gets only the newest state of each media, in the order of the last changes', () => {
    const { response, connection } = connect(['a', 'b', 'c']);
    connection.open();
    response.isReading = false;
    connection.push('a', present('a1'));
    for (let n = 2; n < 1_000; n++) {
      connection.push('a', present(`a${n}`));
      connection.push('b', present(`b${n}`));
    }
    connection.push('c', present('c1'));
    connection.push('a', present('a1000'));
    expect(response.sent).toEqual([OPENING, 'a1']);
    response.isReading = true;
    response.drain();
    expect(response.sent.slice(2)).toEqual(['b999', 'c1', 'a1000']);
  });

  test('gets one event each time it is ready, until none is left', () => {
    const { response, connection } = connect(['a', 'b']);
    connection.open();
    response.isReading = false;
    connection.push('a', present('a1'));
    connection.push('a', present('a2'));
    connection.push('b', present('b1'));
    response.drain();
    expect(response.sent).toEqual([OPENING, 'a1', 'a2']);
    response.drain();
    response.drain();
    expect(response.sent).toEqual([OPENING, 'a1', 'a2', 'b1']);
  });

  test('gets no heartbeats in addition', () => {
    const { response, connection } = connect(['a']);
    connection.open();
    response.isReading = false;
    connection.push('a', present('a1'));
    connection.heartbeat();
    expect(response.sent).toEqual([OPENING, 'a1']);
    response.isReading = true;
    response.drain();
    connection.heartbeat();
    expect(response.sent.at(-1)).toBe(': keep-alive\n');
  });

  test('is given up when it has taken nothing for more than four heartbeats', () => {
    const { response, connection } = connect(['a']);
    connection.open();
    response.isReading = false;
    connection.push('a', present('a1'));
    for (let missed = 1; missed <= 4; missed++) connection.heartbeat();
    expect(response.ended).toBe(false);
    connection.heartbeat();
    // Without `done`: a reader that still lives connects anew.
    expect(response).toMatchObject({ ended: true, sent: [OPENING, 'a1'] });
  });

  test('keeps its stream, however slow it is, if it goes on reading', () => {
    const { response, connection } = connect(['a']);
    connection.open();
    response.isReading = false;
    for (let n = 1; n <= 10; n++) {
      connection.push('a', present(`a${n}`));
      for (let missed = 1; missed <= 4; missed++) connection.heartbeat();
      response.drain();
    }
    expect(response.ended).toBe(false);
  });

  test('gets `done` only after all waiting events', () => {
    const { response, connection } = connect(['a', 'b']);
    connection.open();
    response.isReading = false;
    connection.push('a', present('a1', 'completed'));
    connection.push('b', present('b1', 'failed'));
    expect(response).toMatchObject({ ended: false, sent: [OPENING, 'a1'] });
    response.drain();
    expect(response).toMatchObject({ ended: true, sent: [OPENING, 'a1', 'b1', DONE(1, 1)] });
  });
});

test('a media that cannot be shown yet is the caller’s, is told as such, and keeps the stream open', () => {
  const { response, connection } = connect(['a', 'b']);
  connection.push('a', { kind: 'unreadable' });
  expect(connection.hasMedia).toBe(true);
  connection.push('b', present('b1', 'completed'));
  connection.open();
  expect(response.sent).toContain(
    'event: problem\ndata: {"media_id":"a","code":"unavailable"}\n\n',
  );
  expect(response.ended).toBe(false);
  connection.push('a', present('a1', 'completed'));
  expect(response.sent.at(-1)).toBe(DONE(2, 0));
});

describe('the end', () => {
  test('comes with `done` when each media is finished, unknown or removed', () => {
    const { response, connection } = connect(['a', 'b', 'c', 'd']);
    connection.push('b', unknown);
    connection.push('c', present('c1'));
    connection.push('d', present('d1', 'failed'));
    connection.push('a', present('a1', 'completed'));
    connection.open();
    expect(response.ended).toBe(false);
    connection.push('c', removed);
    expect(response.sent.at(-1)).toBe(DONE(1, 1));
    expect(response.ended).toBe(true);
  });

  test('does not come while a state is not known', () => {
    const { response, connection } = connect(['a', 'b']);
    connection.open();
    connection.push('a', present('a1', 'completed'));
    expect(response.ended).toBe(false);
  });

  test('comes without `done` if the server ends the stream', () => {
    const { response, connection } = connect(['a']);
    connection.open();
    connection.push('a', present('a1'));
    connection.end();
    expect(response).toMatchObject({ ended: true, sent: [OPENING, 'a1'] });
  });

  test('is final: later states, heartbeats and ends do nothing', () => {
    const { response, connection } = connect(['a']);
    connection.open();
    connection.push('a', present('a1', 'completed'));
    const sent = [...response.sent];
    connection.push('a', present('a2'));
    connection.heartbeat();
    connection.end();
    response.drain();
    expect(response.sent).toEqual(sent);
  });

  test('for a blocked reader drops its waiting events', () => {
    const { response, connection } = connect(['a']);
    connection.open();
    response.isReading = false;
    connection.push('a', present('a1'));
    connection.push('a', present('a2'));
    connection.end();
    response.drain();
    expect(response.sent).toEqual([OPENING, 'a1']);
  });
});
