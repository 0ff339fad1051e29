import { expect, test } from '@jest/globals';
import { charactersOf } from './reading-networks.ts';

const field = (number: number, value: Buffer | string) =>
  Buffer.concat([Buffer.from([number * 8 + 2, Buffer.byteLength(value)]), Buffer.from(value)]);
const metadata = (key: string, value: string) =>
  field(14, Buffer.concat([field(1, key), field(2, value)]));
/** The version of the format, which is a number and not a message. */
const VERSION = Buffer.from([8, 0x80, 0x01]);

test('the characters of a reading network are in its metadata, behind the network itself', () => {
  const network = Buffer.concat([
    VERSION,
    field(7, 'the graph'),
    metadata('author', 'x'),
    metadata('character', 'a\nß\nの'),
  ]);
  expect(charactersOf(network)).toEqual(['a', 'ß', 'の']);
});

test('a network without characters is refused', () => {
  expect(() => charactersOf(metadata('author', 'x'))).toThrow('does not say which characters');
});

test('a file that is no network is refused', () => {
  expect(() => charactersOf(Buffer.from([0x0f, 1]))).toThrow('not an ONNX file');
});
