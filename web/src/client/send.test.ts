import { afterEach, expect, test } from '@jest/globals';
import { sendByXhr } from './send.ts';

const { XMLHttpRequest } = globalThis;
afterEach(() => {
  globalThis.XMLHttpRequest = XMLHttpRequest;
});

/** Reports progress for each of 5,000 pieces of 8 kB, which take a millisecond each, as WebKitGTK does. */
class Eager {
  readonly upload: { onprogress?(event: object): void } = {};
  readonly status = 200;
  readonly responseText = '';
  onload?(): void;
  open(): void {}
  getResponseHeader = () => null;
  send(): void {
    for (let n = 1; n <= 5_000; n++)
      this.upload.onprogress?.({ loaded: n * 8_192, total: 5_000 * 8_192, timeStamp: n });
    this.onload?.();
  }
}

test('twenty times a second it is told what is sent, however often a browser says it, and the last time too', async () => {
  Object.assign(globalThis, { XMLHttpRequest: Eager });
  const told: number[] = [];
  await sendByXhr('/', null, {
    method: 'PUT',
    headers: {},
    signal: undefined,
    onSent: (bytes) => told.push(bytes),
  });
  expect(told).toHaveLength(101);
  expect(told.at(-1)).toBe(5_000 * 8_192);
});

/** Loses its headers when it is aborted, also when its answer has come, as the standard says. */
class Forgetful {
  readonly upload = {};
  readonly status = 308;
  readonly responseText = '';
  #range: string | null = 'bytes=0-9';
  onload?(): void;
  open(): void {}
  getResponseHeader = () => this.#range;
  abort(): void {
    this.#range = null;
  }
  send(): void {
    this.onload?.();
  }
}

test('the headers of an answer can be read when its signal is aborted afterwards', async () => {
  Object.assign(globalThis, { XMLHttpRequest: Forgetful });
  const stop = new AbortController();
  const { signal } = stop;
  const answer = await sendByXhr('/', null, {
    method: 'PUT',
    headers: {},
    signal,
    onSent: () => {},
  });
  stop.abort();
  expect(answer.header('Range')).toBe('bytes=0-9');
});
