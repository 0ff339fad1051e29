/** What a name on a map takes up, in pixels. */

export interface LabelBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const LINE_PX = 16;
const LETTER_PX = 7;
const WIDE_PX = 13;

/** About as wide as it is drawn. */
export const widthOf = (text: string) =>
  [...text].reduce((sum, letter) => sum + (letter > '\u02ff' ? WIDE_PX : LETTER_PX), 0);

/** Whether there is less than `room` between them. */
export const isNear = (one: LabelBox, other: LabelBox, room: number) =>
  one.x < other.x + other.width + room &&
  other.x < one.x + one.width + room &&
  one.y < other.y + other.height + room &&
  other.y < one.y + one.height + room;
