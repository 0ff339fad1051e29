/** Japanese print, kana included: Tesseract, for lines that another network has found. */
import { fileURLToPath } from 'node:url';
import type { Cut, Picture } from './picture.ts';
import type { Reading } from './text-network.ts';

const LINE_HEIGHT = 48;
/** Tesseract wants some paper around its letters. */
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
      // Where it fails to start, the promise stays open and only this is told.
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
  // It puts a space between any two characters that it is not sure belong together.
  const text = data.text.trim().replace(/(?<=[^ -~]) | (?=[^ -~])/g, '');
  return { text, confidence: data.confidence / 100 };
}
