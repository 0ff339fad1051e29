/**
 * Reads printed Japanese, kana included, with Tesseract. The lines are found by another network.
 */
import { fileURLToPath } from 'node:url';
import type { Cut, Picture } from './picture.ts';
import type { Reading } from './text-network.ts';

const LINE_HEIGHT = 48;
/** Tesseract reads better with a margin around the letters. */
const ROOM = 8;

let loading: ReturnType<typeof load> | undefined;

async function load() {
  const { default: tesseract } = await import('tesseract.js');
  const data = import.meta.resolve('@tesseract.js-data/jpn/package.json');
  const { promise: failure, reject } = Promise.withResolvers<never>();
  const worker = await Promise.race([
    tesseract.createWorker('jpn', tesseract.OEM.LSTM_ONLY, {
      langPath: fileURLToPath(new URL('./4.0.0_best_int', data)),
      gzip: true,
      cacheMethod: 'none',
      // If the worker fails to start, `createWorker` never settles and only this handler hears of
      // the error.
      errorHandler: reject,
    }),
    failure,
  ]);
  await worker.setParameters({
    tessedit_pageseg_mode: tesseract.PSM.SINGLE_LINE,
    user_defined_dpi: '300',
  });
  return worker;
}

export async function readJapaneseLine(picture: Picture, cut: Cut): Promise<Reading> {
  loading ??= load();
  const worker = await loading;
  const { data } = await worker.recognize(await picture.lineFile(cut, LINE_HEIGHT, ROOM));
  // Tesseract puts a space between characters if it is not sure that they belong together.
  const text = data.text.trim().replace(/(?<=[^ -~]) | (?=[^ -~])/g, '');
  return { text, confidence: data.confidence / 100 };
}
