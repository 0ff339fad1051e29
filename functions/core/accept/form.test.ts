import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type FilePart, type Form, type FormLimits, readForm } from './form.ts';

type OnFile = (part: FilePart) => Promise<string>;

const LIMITS: FormLimits = {
  files: 3,
  fileBytes: 100,
  requestBytes: 10_000,
  timeouts: { stallMs: 600_000, totalMs: 600_000 },
};

const readWhole: OnFile = async ({ bytes, signal }) => {
  const text = (await buffer(bytes)).toString('latin1');
  signal.throwIfAborted();
  return text;
};

let limits: FormLimits;
let onFile: OnFile;
/** Delays the reading of a request that has arrived. */
let before: Promise<void>;
let undone: string[];
let result: PromiseWithResolvers<Form<string>>;
let current: IncomingMessage;
let server: http.Server;

beforeAll(async () => {
  server = http.createServer(async (request, response) => {
    current = request;
    await before;
    const undo = async (text: string) => {
      undone.push(text);
      throw new Error('undoing failed');
    };
    const reading = readForm(request, limits, onFile, undo);
    result.resolve(reading);
    reading.catch(() => undefined).finally(() => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  limits = LIMITS;
  onFile = readWhole;
  before = Promise.resolve();
  undone = [];
  result = Promise.withResolvers();
});

function open(headers: http.OutgoingHttpHeaders = {}): http.ClientRequest {
  const { port } = server.address() as AddressInfo;
  const contentType = { 'Content-Type': 'multipart/form-data; boundary=xyz' };
  const request = http.request({ port, method: 'POST', headers: { ...contentType, ...headers } });
  request.on('error', () => undefined).on('response', (response) => response.resume());
  return request;
}

/** Sends the body, each chunk as an HTTP chunk of its own unless there is but one. */
function send(body: string | Buffer[], headers?: http.OutgoingHttpHeaders): Promise<Form<string>> {
  const request = open(headers);
  if (typeof body === 'string') request.end(Buffer.from(body, 'latin1'));
  else {
    for (const chunk of body) request.write(chunk);
    request.end();
  }
  return result.promise;
}

const file = (content: string, name = 'a.jpg', type = 'image/jpeg') =>
  `--xyz\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`;
const field = (name: string, value: string) =>
  `--xyz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const END = '--xyz--\r\n';

/** What came of each file: its content, or the code of its error. */
const outcomes = ({ files }: Form<string>) =>
  files.map(({ outcome }) => {
    return outcome.status === 'fulfilled' ? outcome.value : (outcome.reason.code ?? outcome.reason);
  });

describe('a form', () => {
  test('is its files in their order and its fields, the first of each name', async () => {
    const body =
      field('language', 'ja') +
      file('one') +
      field('language', 'en') +
      file('two', 'b.png', 'image/png');
    const form = await send(body + END);
    expect(form.fields).toEqual({ language: 'ja' });
    expect(outcomes(form)).toEqual(['one', 'two']);
    expect(form.files.map(({ part }) => part)).toMatchObject([
      { index: 0, fileName: 'a.jpg', contentType: 'image/jpeg' },
      { index: 1, fileName: 'b.png', contentType: 'image/png' },
    ]);
  });

  test.each([
    ['../../etc/passwd', '../../etc/passwd'],
    ['C:\\fotos\\a.jpg', 'C:\\fotos\\a.jpg'],
    [Buffer.from('写真.jpg').toString('latin1'), '写真.jpg'],
    ['a%22b.jpg', 'a"b.jpg'],
  ])('names a file %j as it was sent', async (sent, shown) => {
    const form = await send(file('one', sent) + END);
    expect(form.files[0]?.part.fileName).toBe(shown);
  });

  test('keeps a name of any length within bounds', async () => {
    const form = await send(file('one', 'x'.repeat(2_000)) + END);
    expect(form.files[0]?.part.fileName).toBe('x'.repeat(1_000));
  });

  test('is the same wherever it is cut into chunks', async () => {
    const content = '\r\n--xy\r\n--xy-z\r\n\r\n--xy--';
    const body = Buffer.from(field('language', 'en') + file(content) + file('two') + END, 'latin1');
    for (let at = 1; at < body.length; at++) {
      result = Promise.withResolvers();
      const form = await send([body.subarray(0, at), body.subarray(at)]);
      expect([at, form.fields.language, ...outcomes(form)]).toEqual([at, 'en', content, 'two']);
    }
  });

  test('may come byte by byte', async () => {
    const body = Buffer.from(file('one') + file('two') + END);
    const form = await send(Array.from(body, (_, n) => body.subarray(n, n + 1)));
    expect(outcomes(form)).toEqual(['one', 'two']);
  });
});

describe('limits, exactly and one past', () => {
  const x = (n: number) => 'x'.repeat(n);

  test('the size of a file: one that is too large leaves the others alone', async () => {
    const form = await send(file(x(100)) + file(x(101)) + file(x(5_000)) + END);
    expect(outcomes(form)).toEqual([x(100), 'file_too_large', 'file_too_large']);
  });

  test('an empty file is none, one byte is', async () => {
    expect(outcomes(await send(file('') + file('x') + END))).toEqual(['empty_file', 'x']);
  });

  test('the number of files', async () => {
    expect((await send(file('1') + file('2') + file('3') + END)).files).toHaveLength(3);
    result = Promise.withResolvers();
    await expect(send(file('1') + file('2') + file('3') + file('4') + END)).rejects.toMatchObject({
      code: 'too_many_files',
    });
    expect(undone.sort()).toEqual(['1', '2', '3']);
  });

  test('the number of fields, files or not: nothing is left out in silence', async () => {
    const fields = (n: number) => Array.from({ length: n }, (_, i) => field(`f${i}`, '1')).join('');
    const form = await send(fields(20) + file('1') + file('2') + file('3') + END);
    expect([Object.keys(form.fields).length, form.files.length]).toEqual([20, 3]);
    result = Promise.withResolvers();
    await expect(send(fields(21) + file('1') + END)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test('parts that are neither count too', async () => {
    const stray = '--xyz\r\nContent-Type: text/plain\r\n\r\nx\r\n';
    await expect(send(stray.repeat(30) + file('1') + END)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test('the length of a field', async () => {
    limits = { ...LIMITS, requestBytes: 100_000 };
    expect((await send(field('language', x(65_536)) + END)).fields.language).toBe(x(65_536));
    result = Promise.withResolvers();
    await expect(send(field('language', x(65_537)) + END)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('language'),
    });
  });

  test('the size of the request, announced or not', async () => {
    const body = file('x') + END;
    const chunks = (text: string) => [Buffer.from(text.slice(0, 50)), Buffer.from(text.slice(50))];
    limits = { ...LIMITS, requestBytes: body.length };
    for (const sent of [body, chunks(body)]) {
      result = Promise.withResolvers();
      expect(outcomes(await send(sent))).toEqual(['x']);
    }
    for (const sent of [`${body}\n`, chunks(`${body}\n`)]) {
      result = Promise.withResolvers();
      await expect(send(sent)).rejects.toMatchObject({ code: 'body_too_large' });
    }
  });

  test('a request that announces too much is refused before it is sent', async () => {
    const request = open({ 'Content-Length': 10_001 });
    request.flushHeaders();
    await expect(result.promise).rejects.toMatchObject({ code: 'body_too_large' });
    request.destroy();
  });
});

describe('what is no form', () => {
  test.each([
    undefined,
    'application/json',
    'multipart/mixed; boundary=xyz',
    'multipart/form-datax',
  ])('is of another type: %s', async (type) => {
    const headers: http.OutgoingHttpHeaders = type === undefined ? {} : { 'Content-Type': type };
    const request = open(headers);
    if (type === undefined) request.removeHeader('Content-Type');
    request.end('x');
    await expect(result.promise).rejects.toMatchObject({ code: 'not_multipart' });
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['another boundary', `--abc\r\n\r\nx\r\n--abc--\r\n`],
    ['no end', file('one')],
    ['an end in the middle of a file', file('one').slice(0, -4)],
    ['an end in the middle of a header', file('one').slice(0, 40)],
    ['a broken header', `--xyz\r\nno header\r\n\r\nx\r\n${END}`],
  ])('has %s', async (_what, body) => {
    await expect(send(body)).rejects.toMatchObject({ code: 'malformed_body' });
  });

  test('has no boundary', async () => {
    const sent = send(file('one') + END, { 'Content-Type': 'multipart/form-data' });
    await expect(sent).rejects.toMatchObject({ code: 'malformed_body' });
  });
});

describe('a form that fails', () => {
  test('ends the file that was arriving, and undoes those that had', async () => {
    const reasons: unknown[] = [];
    onFile = async (part) => {
      try {
        return await readWhole(part);
      } catch (error) {
        reasons.push(part.signal.reason);
        throw error;
      }
    };
    await expect(send(file('one') + file('two').slice(0, -3))).rejects.toMatchObject({
      code: 'malformed_body',
    });
    expect(reasons).toMatchObject([{ code: 'malformed_body' }]);
    expect(undone).toEqual(['one']);
  });

  test('because the sender went away does the same', async () => {
    const request = open();
    const arrived = Promise.withResolvers<void>();
    onFile = (part) => {
      if (part.index === 1) arrived.resolve();
      return readWhole(part);
    };
    request.write(file('one') + file('two').slice(0, -3));
    await arrived.promise;
    request.destroy();
    await expect(result.promise).rejects.toMatchObject({ code: 'malformed_body' });
    expect(undone).toEqual(['one']);
  });

  test('because the sender went away before anybody read it does not wait for it', async () => {
    const gate = Promise.withResolvers<void>();
    before = gate.promise;
    const request = open();
    request.write(file('one'));
    await once(server, 'request');
    request.destroy();
    await new Promise((resolve) => current.once('close', resolve));
    gate.resolve();
    await expect(result.promise).rejects.toMatchObject({ code: 'malformed_body' });
  });

  test('because the sender says nothing more is given up', async () => {
    limits = { ...LIMITS, timeouts: { ...LIMITS.timeouts, stallMs: 20 } };
    const request = open();
    request.write(file('one').slice(0, -3));
    await expect(result.promise).rejects.toMatchObject({ code: 'request_timeout' });
    request.destroy();
  });

  test('because the sender says too little for too long is given up', async () => {
    limits = { ...LIMITS, timeouts: { ...LIMITS.timeouts, totalMs: 100 } };
    const request = open();
    request.write(file('one').slice(0, -3));
    const trickle = setInterval(() => request.write('a'), 10);
    await expect(result.promise).rejects.toMatchObject({
      code: 'request_timeout',
      message: expect.stringMatching(/took more than/),
    });
    clearInterval(trickle);
    request.destroy();
  });

  test('waits until what it began is over', async () => {
    const gate = Promise.withResolvers<void>();
    let isOver = false;
    onFile = async (part) => {
      const text = await readWhole(part);
      await gate.promise;
      isOver = true;
      return text;
    };
    const failed = send(file('one') + file('two').slice(0, -3)).catch(() => isOver);
    await once(server, 'request');
    gate.resolve();
    expect(await failed).toBe(true);
    expect(undone).toEqual(['one']);
  });
});

describe('whoever takes the files', () => {
  test('may fail one without having read it', async () => {
    limits = { ...LIMITS, fileBytes: 1_000_000, requestBytes: 5_000_000 };
    onFile = async (part) => {
      if (part.index === 1) throw new Error('no');
      return (await readWhole(part)).slice(0, 3);
    };
    const form = await send(file('one') + file('x'.repeat(900_000)) + file('three') + END);
    expect(outcomes(form)).toEqual(['one', new Error('no'), 'thr']);
  });

  test('may be slow: no more than buffers are read from the sender meanwhile', async () => {
    limits = { ...LIMITS, fileBytes: 50_000_000, requestBytes: 60_000_000 };
    const gate = Promise.withResolvers<void>();
    onFile = async ({ bytes }) => {
      await gate.promise;
      let size = 0;
      for await (const chunk of bytes) size += chunk.length;
      return `${size}`;
    };
    const form = send(file('x'.repeat(20_000_000)) + END);
    await once(server, 'request');
    while (!current.isPaused()) await new Promise((resolve) => setImmediate(resolve));
    expect(current.socket.bytesRead).toBeLessThan(1_000_000);
    gate.resolve();
    expect(outcomes(await form)).toEqual(['20000000']);
  });
});
