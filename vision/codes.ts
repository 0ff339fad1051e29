/** Reads barcodes and QR codes. Their content is only text: an address is never opened. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { boxAround, type Scored } from './geometry.ts';
import type { Picture } from './picture.ts';
import { MAX_CODES } from './protocol.ts';

export interface FoundCode extends Scored {
  /** For example `QRCode` or `EAN13`. */
  format: string;
  text: string;
}

const MAX_TEXT = 1_000;

const extraSchema = z.object({ UPCE: z.string().optional() });

let loading: ReturnType<typeof load> | undefined;

async function load() {
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader');
  // Without this the package downloads its WebAssembly.
  const file = fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm'));
  const wasmBinary = new Uint8Array(await readFile(file)).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  return readBarcodes;
}

export async function findCodes(picture: Picture): Promise<FoundCode[]> {
  loading ??= load();
  const readBarcodes = await loading;
  const { width, height } = picture;
  const codes = await readBarcodes(await picture.rgba(), {
    // Without `formats` the library looks for all that it can read.
    maxNumberOfSymbols: MAX_CODES,
  });
  return codes
    .filter(({ isValid, text }) => isValid && text !== '')
    .map(({ format, text, extra, position }) => ({
      format,
      text: printed(text, extra).slice(0, MAX_TEXT).toWellFormed(),
      score: 1,
      box: boxAround(Object.values(position), width, height),
    }));
}

/** The library turns a UPC-E into 13 digits, but eight are printed below it. */
function printed(text: string, extra: string): string {
  return extra === '' ? text : (extraSchema.parse(JSON.parse(extra)).UPCE ?? text);
}
