import { expect, test } from '@jest/globals';
import { parseRelated } from './multipart.ts';

const TYPE = 'multipart/related; boundary="b o"';
const RESOURCE = '{"name":"x"}';

/** A body with `content`, as clients send it. */
function bodyWith(content: string): Buffer {
  return Buffer.from(
    `--b o\r\nContent-Type: application/json\r\n\r\n${RESOURCE}\r\n--b o\r\nContent-Type: image/png\r\n\r\n${content}\r\n--b o--`,
  );
}

async function* chunks(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function parse(body: Buffer, size = body.length, type = TYPE) {
  const parts = await parseRelated(chunks(body, size), type);
  const content: Buffer[] = [];
  for await (const chunk of parts.content) content.push(chunk);
  return { ...parts, content: Buffer.concat(content).toString() };
}

test.each(['', 'pixels', '\r\n', '--b o', '\r\n--b', '\r\n--b \r\n--b', '\r\n\r\n\r\n'])(
  'the content %j is found wherever the body is cut into chunks',
  async (content) => {
    const body = bodyWith(content);
    for (let size = 1; size <= body.length; size++) {
      const parts = await parse(body, size);
      expect(parts.resource.toString()).toBe(RESOURCE);
      expect(parts.contentType).toBe('image/png');
      expect(parts.content).toBe(content);
    }
  },
);

test('parts without headers and a boundary without quotes are accepted', async () => {
  const body = Buffer.from('--b\r\n\r\n{}\r\n--b\r\n\r\nx\r\n--b--\r\n');
  const parts = await parse(body, 1, 'multipart/related; boundary=b');
  expect(parts).toMatchObject({ contentType: undefined, content: 'x' });
});

test.each(['text/plain', 'multipart/related', 'multipart/mixed; boundary=b'])(
  'a request of type %s is refused',
  async (type) => expect(parse(bodyWith('x'), 9, type)).rejects.toThrow('Malformed multipart'),
);

test('a body that ends early at any place is refused', async () => {
  const body = bodyWith('content');
  for (let end = 0; end < body.length; end++) {
    await expect(parse(body.subarray(0, end), 7)).rejects.toThrow('Malformed multipart');
  }
});

test('a third part is refused', async () => {
  const body = Buffer.concat([bodyWith('x').subarray(0, -2), Buffer.from('\r\n\r\ny\r\n--b o--')]);
  await expect(parse(body)).rejects.toThrow('exactly two parts');
});

test('an endless resource is refused before it fills the memory', async () => {
  const endless = (async function* () {
    yield Buffer.from('--b\r\n\r\n');
    for (;;) yield Buffer.alloc(65_536, 'x');
  })();
  await expect(parseRelated(endless, 'multipart/related; boundary=b')).rejects.toThrow('too large');
});
