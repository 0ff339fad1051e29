/** Reads the text in a picture, line by line. */
import type { Scored } from './geometry.ts';
import { readJapaneseLine } from './japanese.ts';
import type { Cut, Picture } from './picture.ts';
import { detectLines, type Reading, readLine } from './text-network.ts';

export interface TextLine extends Scored {
  text: string;
}

const MAX_LINES = 60;
const MIN_LINE_SIDE = 6;
/** Readings below this confidence are mostly texture that looks like letters. */
const MIN_CONFIDENCE = 0.75;
const CHINESE_OR_KANA = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u;
const LATIN_WORD = /^[ -~]*[A-Za-z]{3}[ -~]*$/;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * Reads the lines of a picture, in reading order.
 *
 * @param language BCP 47 tag of the analysis language. `ja` tells Japanese from Chinese.
 */
export async function readText(picture: Picture, language: string): Promise<TextLine[]> {
  const cuts = (await detectLines(picture)).filter(
    ({ width, height }) => Math.min(width, height) >= MIN_LINE_SIDE,
  );
  const found: { cut: Cut; reading: Reading }[] = [];
  for (const cut of cuts.slice(0, MAX_LINES)) {
    found.push({ cut, reading: await readLine(picture, cut) });
  }
  // The network knows only five kana, の among them. Almost every Japanese text has at least one of
  // the five.
  const japanese =
    /^ja\b/i.test(language) ||
    found.some(({ reading }) => isReadable(reading) && KANA.test(reading.text));
  const lines: TextLine[] = [];
  for (const { cut, reading } of found) {
    const { text, confidence } = japanese ? await reread(picture, cut, reading) : reading;
    if (isReadable({ text, confidence })) {
      lines.push({ text, score: confidence, box: boxOf(cut, picture) });
    }
  }
  return inReadingOrder(lines);
}

function isReadable({ text, confidence }: Reading): boolean {
  return confidence >= MIN_CONFIDENCE && /[\p{L}\p{N}]/u.test(text);
}

/**
 * Reads a line of Japanese text again. The first network does not know most kana and replaces them
 * with similar characters.
 */
async function reread(picture: Picture, cut: Cut, reading: Reading): Promise<Reading> {
  if (isReadable(reading) && LATIN_WORD.test(reading.text)) return reading;
  const japanese = await readJapaneseLine(picture, cut);
  return isReadable(japanese) && CHINESE_OR_KANA.test(japanese.text) ? japanese : reading;
}

function boxOf({ left, top, width, height }: Cut, picture: Picture) {
  return {
    left: left / picture.width,
    top: top / picture.height,
    right: (left + width) / picture.width,
    bottom: (top + height) / picture.height,
  };
}

/**
 * Sorts lines row by row, each row from the left. A line belongs to a row if the line's middle is
 * beside the row's first line.
 */
export function inReadingOrder(lines: readonly TextLine[]): TextLine[] {
  const rows: TextLine[][] = [];
  for (const line of lines.toSorted((one, other) => one.box.top - other.box.top)) {
    const middle = (line.box.top + line.box.bottom) / 2;
    const row = rows.find(
      ([first]) => first && middle > first.box.top && middle < first.box.bottom,
    );
    if (row) row.push(line);
    else rows.push([line]);
  }
  return rows.flatMap((row) => row.sort((one, other) => one.box.left - other.box.left));
}
