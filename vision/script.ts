/** Tells the script of a text by the shapes of its letters. */
import type { Cut, Picture } from './picture.ts';
import { SCRIPTS, type Script } from './protocol.ts';
import { detectScript } from './tesseract.ts';

const MAX_LINES = 12;
const LINE_HEIGHT = 48;
/** In Tesseract's own measure, which has no upper limit. */
const MIN_CONFIDENCE = 1;

/** @returns null if there are too few letters, or the script is not sure */
export async function scriptOf(picture: Picture, cuts: readonly Cut[]): Promise<Script | null> {
  const lines = cuts
    .filter(({ width, height }) => width > height)
    .sort((one, other) => other.width * other.height - one.width * one.height)
    .slice(0, MAX_LINES);
  if (lines.length === 0) return null;
  const { script, confidence, isUpright } = await detectScript(
    await picture.sheet(lines, LINE_HEIGHT),
  );
  const known = SCRIPTS.find((each) => each === script);
  return known && isUpright && confidence >= MIN_CONFIDENCE ? known : null;
}
