/** Finds and reads lines of text: PP-OCR on ONNX Runtime. */
import type { InferenceSession } from 'onnxruntime-web';
import type { Cut, Picture } from './picture.ts';
import { readNetworks } from './reading-networks.ts';
import { type TextRegion, textRegions } from './text-regions.ts';

export interface Reading {
  text: string;
  confidence: number;
}

/** Longest side of the picture for the detector. The lines are read at full resolution. */
const DETECT_SIDE = 960;
/** The networks halve their input five times, so each side must be a multiple of 32. */
const MULTIPLE = 32;
/** Height of the reader's input, in pixels. */
const LINE_HEIGHT = 48;
const MAX_LINE_WIDTH = 1_280;
/** A line that is this many times taller than wide is vertical. */
const VERTICAL = 1.5;
/** A gap between two letters is a space if it is this many times as wide as most gaps of the line. */
const SPACE = 1.7;

let loading: ReturnType<typeof load> | undefined;

async function load() {
  const ort = await import('onnxruntime-web');
  ort.env.logLevel = 'error';
  // The process works on one picture at a time, so more threads would not help.
  ort.env.wasm.numThreads = 1;
  const { detector, reader, characters, version } = await readNetworks();
  const session = (network: Uint8Array) =>
    ort.InferenceSession.create(network, { executionProviders: ['wasm'] });
  return {
    ort,
    detector: await session(detector),
    reader: await session(reader),
    // Class 0 is the blank of CTC, and the space is the last class.
    characters: ['', ...characters, ' '],
    version,
  };
}

function loadOnce(): ReturnType<typeof load> {
  loading ??= load();
  return loading;
}

/** Finds the rectangles of the lines of text, in pixels of the picture. */
export async function detectLines(picture: Picture): Promise<TextRegion[]> {
  const { detector } = await loadOnce();
  const scale = Math.min(1, DETECT_SIDE / Math.max(picture.width, picture.height));
  const fit = (side: number) => Math.max(1, Math.round((side * scale) / MULTIPLE)) * MULTIPLE;
  const width = fit(picture.width);
  const height = fit(picture.height);
  const pixels = await picture.scaled(width, height);
  const { data } = await run(detector, toPlanes(pixels, IMAGENET), height, width);
  const across = picture.width / width;
  const down = picture.height / height;
  return textRegions(data, width, height).map((region) => {
    const left = Math.floor(region.left * across);
    const top = Math.floor(region.top * down);
    return {
      left,
      top,
      width: Math.min(picture.width - left, Math.ceil(region.width * across)),
      height: Math.min(picture.height - top, Math.ceil(region.height * down)),
      angle: region.angle,
      sureness: region.sureness,
    };
  });
}

export function isVertical({ width, height }: Cut): boolean {
  return height > width * VERTICAL;
}

/** Reads one line. `confidence` is 0 to 1. */
export async function readLine(picture: Picture, cut: Cut): Promise<Reading> {
  const { reader, characters, version } = await loadOnce();
  const vertical = isVertical(cut);
  const shape = vertical ? cut.height / cut.width : cut.width / cut.height;
  const width = Math.min(MAX_LINE_WIDTH, Math.max(16, Math.round((LINE_HEIGHT * shape) / 8) * 8));
  const pixels = await picture.line(cut, vertical, width, LINE_HEIGHT);
  const { data, dims } = await run(reader, toPlanes(pixels, CENTRED), LINE_HEIGHT, width);
  return decode(data, dims.at(-1) ?? 1, characters, version === 'PP-OCRv6');
}

export async function networkVersion() {
  return (await loadOnce()).version;
}

async function run(session: InferenceSession, input: Float32Array, height: number, width: number) {
  const { ort } = await loadOnce();
  const [name = ''] = session.inputNames;
  const [output = ''] = session.outputNames;
  const outputs = await session.run({
    [name]: new ort.Tensor('float32', input, [1, 3, height, width]),
  });
  const tensor = outputs[output];
  if (!(tensor?.data instanceof Float32Array))
    throw new Error('the text network returned no numbers');
  return { data: tensor.data, dims: tensor.dims };
}

interface Normal {
  mean: readonly [number, number, number];
  deviation: readonly [number, number, number];
}
const IMAGENET: Normal = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
const CENTRED: Normal = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/** Both networks were trained on pictures from OpenCV: the blue plane, then the green one, then the red one. */
function toPlanes(rgb: Uint8Array, { mean, deviation }: Normal): Float32Array {
  const size = rgb.length / 3;
  const bgr = new Float32Array(rgb.length);
  for (let plane = 0; plane < 3; plane++) {
    const [middle, spread] = [mean[plane] ?? 0, deviation[plane] ?? 1];
    for (let i = 0, from = 2 - plane; i < size; i++, from += 3) {
      bgr[plane * size + i] = ((rgb[from] ?? 0) / 255 - middle) / spread;
    }
  }
  return bgr;
}

/**
 * Greedy CTC: takes the likeliest character of each step, and counts a run of equal characters once.
 *
 * @param readsSpaces The network leaves out no spaces.
 */
export function decode(
  data: Float32Array,
  classes: number,
  characters: readonly string[],
  readsSpaces = false,
): Reading {
  const letters: { letter: string; step: number }[] = [];
  let sum = 0;
  let last = 0;
  for (let step = 0; step * classes < data.length; step++) {
    const from = step * classes;
    let best = 0;
    for (let each = 1; each < classes; each++) {
      if ((data[from + each] ?? 0) > (data[from + best] ?? 0)) best = each;
    }
    if (best !== 0 && best !== last) {
      letters.push({ letter: characters[best] ?? '', step });
      sum += data[from + best] ?? 0;
    }
    last = best;
  }
  return {
    text: (readsSpaces ? letters.map(({ letter }) => letter).join('') : withSpaces(letters)).trim(),
    confidence: letters.length > 0 ? sum / letters.length : 0,
  };
}

/**
 * The network leaves out most spaces between words that are printed close together. Between Latin letters a space is added
 * where the distance is clearly wider than usual.
 */
function withSpaces(letters: readonly { letter: string; step: number }[]): string {
  const distances = letters.slice(1).map(({ step }, i) => step - (letters[i]?.step ?? 0));
  const usual = distances.toSorted((one, other) => one - other)[distances.length >> 1] ?? 0;
  let text = '';
  let before = '';
  for (const [i, { letter }] of letters.entries()) {
    const isWide = i > 0 && (distances[i - 1] ?? 0) >= usual * SPACE;
    if (isWide && LATIN.test(before) && LATIN.test(letter)) text += ' ';
    text += letter;
    before = letter;
  }
  return text;
}

const LATIN = /[\p{Script=Latin}\p{N}]/u;
