/** Reads barcodes and QR codes. What they say is text: an address is never opened. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { boxAround, type Scored } from './geometry.ts';
import type { Picture } from './picture.ts';
import { MAX_CODES } from './protocol.ts';

export interface FoundCode extends Scored {
  /** As `QRCode` or `EAN13`. */
  format: string;
  text: string;
}

/** Without a checksum of their own these formats are found where there are none. */
const FORMATS = [
  ...['QRCode', 'DataMatrix', 'Aztec', 'PDF417', 'EAN13', 'EAN8', 'UPCA', 'UPCE', 'Code128'],
] as const;
const MAX_TEXT = 1_000;

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
    formats: [...FORMATS],
    maxNumberOfSymbols: MAX_CODES,
  });
  return codes
    .filter(({ isValid, text }) => isValid && text !== '')
    .map(({ format, text, position }) => ({
      ...{ format, text: text.slice(0, MAX_TEXT).toWellFormed(), score: 1 },
      box: boxAround(Object.values(position), width, height),
    }));
}
