/** Tesseract: a second reader of the lines of text that another network has found. It also tells their script. */
import { fileURLToPath } from 'node:url';
import type { Worker } from 'tesseract.js';
import type { Reading } from './text-network.ts';

type Language = 'eng' | 'jpn';
type Data = Language | 'osd';

const MANIFESTS: Record<Data, () => string> = {
  eng: () => import.meta.resolve('@tesseract.js-data/eng/package.json'),
  jpn: () => import.meta.resolve('@tesseract.js-data/jpn/package.json'),
  osd: () => import.meta.resolve('@tesseract.js-data/osd/package.json'),
};

const loading = new Map<Data, Promise<Worker>>();

function loadOnce(data: Data): Promise<Worker> {
  const worker = loading.get(data) ?? load(data);
  loading.set(data, worker);
  return worker;
}

/** Worker, core and data are files of the packages: nothing is downloaded. */
async function load(data: Data): Promise<Worker> {
  const { default: tesseract } = await import('tesseract.js');
  const isForScripts = data === 'osd';
  const folder = isForScripts ? '4.0.0' : '4.0.0_best_int';
  const { promise: failure, reject } = Promise.withResolvers<never>();
  const worker = await Promise.race([
    tesseract.createWorker(
      data,
      isForScripts ? tesseract.OEM.TESSERACT_ONLY : tesseract.OEM.LSTM_ONLY,
      {
        langPath: fileURLToPath(new URL(`./${folder}`, MANIFESTS[data]())),
        legacyCore: isForScripts,
        legacyLang: isForScripts,
        gzip: true,
        cacheMethod: 'none',
        // If the worker fails to start, `createWorker` never settles. Only this handler gets the error.
        errorHandler: reject,
      },
    ),
    failure,
  ]);
  await worker.setParameters({
    tessedit_pageseg_mode: tesseract.PSM.SINGLE_LINE,
    user_defined_dpi: '300',
    // A sign has few letters. The default is 50.
    ...(isForScripts && { min_characters_to_try: '5' }),
  });
  return worker;
}

/** @param line A picture of one line of text. */
export async function readLineAs(language: Language, line: Buffer): Promise<Reading> {
  const worker = await loadOnce(language);
  const { data } = await worker.recognize(line);
  const text = data.text.trim();
  return {
    // Tesseract puts a space between Japanese letters if it is not sure that they belong together.
    text: language === 'jpn' ? text.replace(/(?<=[^ -~]) | (?=[^ -~])/g, '') : text,
    confidence: data.confidence / 100,
  };
}

/** @param lines A picture of lines of text, and nothing else. */
export async function detectScript(lines: Buffer) {
  const worker = await loadOnce('osd');
  const { data } = await worker.detect(lines);
  return {
    script: data.script,
    confidence: data.script_confidence ?? 0,
    isUpright: data.orientation_degrees === 0,
  };
}
