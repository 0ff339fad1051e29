/** Reads the text in a picture, row by row. */
import type { Scored } from './geometry.ts';
import { boxInOriginal, type Page, straightenPage } from './page.ts';
import type { Picture } from './picture.ts';
import type { Script } from './protocol.ts';
import { joinRows } from './rows.ts';
import { scriptOf } from './script.ts';
import {
  isReadable,
  isSurelyLatin,
  looksForeign,
  reconcile,
  SURE_ALONE,
} from './second-reading.ts';
import { readLineAs } from './tesseract.ts';
import { networkVersion, type Reading, readLine } from './text-network.ts';
import type { TextRegion } from './text-regions.ts';

interface TextRow extends Scored {
  text: string;
}

export interface PictureText {
  /** In reading order. */
  rows: TextRow[];
  /** The script of writing that could not be read. `unknown`: the script is not sure. Null: there is no such writing. */
  unread: Script | 'unknown' | null;
}

const MAX_CELLS = 100;
const MIN_SIDE = 6;
const LINE_HEIGHT = 56;
/** If only one reader sees letters, it must read the same ones at this height too. */
const OTHER_HEIGHT = 48;
/** Fewer lines may be a texture that looks like letters. */
const MIN_UNREAD = 3;
/** Two lines this sure are writing, by the detector that found them. No texture in the photos of the evaluation has two. */
const SURE_WRITING = { 'PP-OCRv4': 0.98, 'PP-OCRv6': 0.94 };
/** A line of Chinese is shorter than this many squares for each letter. */
const MOST_SQUARES = 2.5;
/** Japanese letters that only the second reader saw need this confidence. */
const SURE_JAPANESE = 0.85;
const LETTER = /\p{L}/u;
const CHINESE_OR_KANA = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** One piece of text: a line, or a column of a row. */
interface Cell {
  cut: TextRegion;
  first: Reading;
  /** The reading that counts. */
  reading: Reading;
  /** Both readers agree, or the script needs only one reader. */
  agreed: boolean;
}

/** @param language BCP 47 tag of the analysis language. `ja` tells Japanese from Chinese. */
export async function readText(picture: Picture, language: string): Promise<PictureText> {
  const page = await straightenPage(picture);
  const cells: Cell[] = [];
  for (const cut of page.lines.slice(0, MAX_CELLS)) {
    if (Math.min(cut.width, cut.height) < MIN_SIDE) continue;
    const first = page.readings.get(cut) ?? (await readLine(page.picture, cut));
    cells.push({ cut, first, reading: first, agreed: false });
  }
  const version = await networkVersion();
  if (version === 'PP-OCRv6') {
    // It knows kana, accents and spaces, so no second reader is needed.
    for (const cell of cells) cell.agreed = isReadable(cell.first);
  } else {
    const japanese = /^ja\b/i.test(language) || (await isJapanese(page.picture, cells));
    for (const cell of cells) await readAgain(page.picture, cell, japanese);
  }
  return judge(page, cells, picture, SURE_WRITING[version]);
}

/**
 * The first network knows only five kana, の among them. Almost every Japanese text has one of the five. If not, the shapes
 * of the letters decide.
 */
async function isJapanese(picture: Picture, cells: readonly Cell[]): Promise<boolean> {
  const read = cells.filter(({ first }) => isReadable(first));
  if (read.some(({ first }) => KANA.test(first.text))) return true;
  const han = read.filter(({ first }) => CHINESE_OR_KANA.test(first.text));
  return han.length > 0 && (await scriptOf(picture, cells.map(toCut))) === 'Japanese';
}

async function readAgain(picture: Picture, cell: Cell, japanese: boolean): Promise<void> {
  const { cut, first } = cell;
  const isHan = isReadable(first) && CHINESE_OR_KANA.test(first.text);
  const isLatin = LETTER.test(first.text) && !isHan;
  if (japanese && !(isReadable(first) && isLatin)) {
    const second = await readJapanese(picture, cell);
    if (second && isReadable(second) && CHINESE_OR_KANA.test(second.text) && fits(second, cell)) {
      Object.assign(cell, { reading: second, agreed: true });
      return;
    }
  }
  if (isHan && !isLongerThan(cell, MOST_SQUARES)) {
    cell.agreed = true;
  } else if (isHan) {
    // The first reader saw one letter of many: in コーヒー only the strokes, as the number 一.
    cell.reading = { text: '', confidence: 0 };
  } else if (first.text !== '') {
    const second = await readLineAs('eng', await picture.lineFile(cut, LINE_HEIGHT));
    Object.assign(cell, reconcile(first, second));
  }
}

/** Chinese letters are squares. */
function isLongerThan({ cut, first }: Cell, squares: number): boolean {
  const length = Math.max(cut.width, cut.height) / Math.min(cut.width, cut.height);
  return length > squares * [...first.text].length;
}

/** @returns null if only this reader sees letters, and it reads others at another size of the line */
async function readJapanese(picture: Picture, { cut, first }: Cell): Promise<Reading | null> {
  const read = async (height: number) => readLineAs('jpn', await picture.lineFile(cut, height));
  const second = await read(LINE_HEIGHT);
  if (isReadable(first) || !CHINESE_OR_KANA.test(second.text)) return second;
  const again = await read(OTHER_HEIGHT);
  if (again.text !== second.text) return null;
  return { text: second.text, confidence: Math.max(second.confidence, again.confidence) };
}

/** Where the first reader saw no letters, the text of the second one must fit into the line. */
function fits({ text, confidence }: Reading, { first, cut }: Cell): boolean {
  if (isReadable(first)) return true;
  const letters = [...text].length;
  const squares = Math.max(cut.width, cut.height) / Math.min(cut.width, cut.height);
  const isPlausible = squares > letters / 2 && squares < letters * 1.6;
  return letters > 2 && confidence >= SURE_JAPANESE && isPlausible;
}

/** Keeps only what was surely read. */
async function judge(
  page: Page,
  cells: readonly Cell[],
  original: Picture,
  sureWriting: number,
): Promise<PictureText> {
  const isDoubtful = ({ reading, first, agreed }: Cell) =>
    !(agreed || isSurelyLatin(first)) || looksForeign(reading.text, 'some');
  const doubtful = cells.filter(isDoubtful);
  const withLetters = doubtful.some(({ first }) => isReadable(first) && LETTER.test(first.text));
  const script =
    withLetters || doubtful.length >= MIN_UNREAD || isWriting(doubtful, sureWriting)
      ? await scriptOf(page.picture, doubtful.map(toCut))
      : null;
  // A word that may be in another script stays only if other text is surely Latin.
  const isLatin =
    script === 'Latin' ||
    cells.some(
      ({ reading, agreed }) =>
        agreed && LETTER.test(reading.text) && !looksForeign(reading.text, 'any'),
    );
  const isForeign = script !== null && script !== 'Latin' && script !== 'Japanese';
  const isSure = ({ reading, first, agreed }: Cell) => {
    if (!isReadable(reading)) return false;
    if (isForeign) return agreed && !looksForeign(reading.text, 'any');
    if (!isLatin && looksForeign(reading.text, 'some')) return false;
    return agreed || first.confidence >= SURE_ALONE;
  };
  const sure = cells.filter(isSure);
  const rest = cells.filter((cell) => !isSure(cell));
  const isChance = !isForeign && mostIsUnread(sure, rest);
  const read = isChance ? [] : sure;
  const hasUnread = read.length === 0 && isWriting(cells, sureWriting);
  return {
    rows: joinRows(read.map(({ cut, reading }) => ({ ...reading, cut }))).map(
      ({ text, confidence, cut }) => ({
        text,
        score: confidence,
        box: boxInOriginal(cut, page, original),
      }),
    ),
    unread: isForeign ? script : hasUnread ? 'unknown' : null,
  };
}

/** If most writing of this size cannot be read, the rest probably looks like letters by chance. */
function mostIsUnread(sure: readonly Cell[], rest: readonly Cell[]): boolean {
  const heights = sure.map(({ cut }) => cut.height).sort((one, other) => one - other);
  const usual = heights[heights.length >> 1] ?? 0;
  const area = (some: readonly Cell[]) =>
    some.reduce((sum, { cut }) => sum + cut.width * cut.height, 0);
  return area(rest.filter(({ cut }) => cut.height > usual / 2)) > area(sure);
}

function isWriting(cells: readonly Cell[], sureWriting: number): boolean {
  const lines = cells.filter(isLong);
  const sure = lines.filter(({ cut }) => cut.sureness >= sureWriting);
  return lines.length >= MIN_UNREAD || sure.length >= 2;
}

/** A line, not a spot. */
const isLong = ({ cut }: Cell) => cut.width > 2 * cut.height;

const toCut = ({ cut }: Cell) => cut;
