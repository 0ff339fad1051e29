/** Turns a picture of a page so that its lines are level and the right way up. */
import { type Box, boxAround } from './geometry.ts';
import type { Cut, Picture } from './picture.ts';
import { detectLines, isVertical, type Reading, readLine } from './text-network.ts';
import type { TextRegion } from './text-regions.ts';

export interface Page {
  picture: Picture;
  lines: TextRegion[];
  /** The lines that were read to find out how the page is turned. They are kept because reading takes time. */
  readings: Map<TextRegion, Reading>;
  /** Degrees clockwise from the original picture. */
  turnedBy: number;
}

/** With fewer lines the picture shows a sign, and turning it would do more harm than good. */
const MIN_LINES = 6;
/** A smaller angle does no harm. */
const MIN_ANGLE = 0.5;
/** Only a region that is this many times longer than high has a direction. */
const LONG = 3;
/** A page with more upright lines than this share lies on its side. */
const MOST = 0.6;
const SAMPLES = 6;
/** A page that is read more surely than this is the right way up. */
const SURE = 0.75;

export async function straightenPage(picture: Picture): Promise<Page> {
  const asItIs = {
    picture,
    lines: await detectLines(picture),
    turnedBy: 0,
    readings: new Map(),
  };
  if (asItIs.lines.length < MIN_LINES) return asItIs;
  const angle = commonAngle(asItIs.lines);
  const straight = Math.abs(angle) < MIN_ANGLE ? 0 : -angle;
  const onItsSide = asItIs.lines.filter(isVertical).length > MOST * asItIs.lines.length;
  const pages: { page: Page; sure: number }[] = [];
  for (const degrees of onItsSide ? [270, 90] : [0, 180]) {
    const turnedBy = degrees + straight;
    const page = turnedBy === 0 ? asItIs : await turn(picture, turnedBy);
    const sure = await sureness(page);
    if (sure >= SURE) return page;
    pages.push({ page, sure });
  }
  // A page in another script is read surely neither way. Then it is not turned over; on its side the surer way is taken.
  return pages.reduce((one, other) => (onItsSide && other.sure > one.sure ? other : one)).page;
}

/** The median direction of the long lines, as an angle from the nearest axis. */
export function commonAngle(lines: readonly TextRegion[]): number {
  const angles = lines
    .filter(({ width, height }) => Math.max(width, height) > LONG * Math.min(width, height))
    .map(({ angle }) => angle - 90 * Math.round(angle / 90))
    .sort((one, other) => one - other);
  return angles.length < MIN_LINES / 2 ? 0 : (angles[angles.length >> 1] ?? 0);
}

async function turn(picture: Picture, turnedBy: number): Promise<Page> {
  const turned = await picture.turned(turnedBy);
  return { picture: turned, lines: await detectLines(turned), turnedBy, readings: new Map() };
}

/** The mean confidence of the longest lines. */
async function sureness({ picture, lines, readings }: Page): Promise<number> {
  const longest = lines.toSorted((one, other) => other.width - one.width).slice(0, SAMPLES);
  let sum = 0;
  for (const line of longest) {
    const reading = await readLine(picture, line);
    readings.set(line, reading);
    sum += reading.confidence;
  }
  return longest.length > 0 ? sum / longest.length : 0;
}

/** @returns the upright rectangle around `cut` of a page in the original picture */
export function boxInOriginal(cut: Cut, { picture, turnedBy }: Page, original: Size): Box {
  const radians = (-turnedBy * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const corners = [0, 1].flatMap((right) =>
    [0, 1].map((bottom) => {
      const x = cut.left + right * cut.width - picture.width / 2;
      const y = cut.top + bottom * cut.height - picture.height / 2;
      return {
        x: x * cos - y * sin + original.width / 2,
        y: x * sin + y * cos + original.height / 2,
      };
    }),
  );
  return boxAround(corners, original.width, original.height);
}

interface Size {
  width: number;
  height: number;
}
