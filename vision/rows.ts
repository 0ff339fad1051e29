/** Joins pieces of text that are beside each other into one row, such as an item and its price. */
import type { Cut } from './picture.ts';
import type { Reading } from './text-network.ts';

interface Piece extends Reading {
  cut: Cut;
}

/** Letters of one row have about the same size. */
const MAX_RATIO = 2;

/**
 * Rows from the top, each from the left. The pieces must be level: a piece belongs to a row if its middle is beside the
 * nearest piece of that row.
 */
export function joinRows(pieces: readonly Piece[]): Piece[] {
  const rows: Piece[][] = [];
  for (const piece of pieces.toSorted((one, other) => middleOf(one.cut) - middleOf(other.cut))) {
    const row = rows.find((each) => isBeside(piece.cut, nearest(each, piece.cut).cut));
    if (row) row.push(piece);
    else rows.push([piece]);
  }
  return rows.map((row) => {
    const sorted = row.toSorted((one, other) => one.cut.left - other.cut.left);
    const cuts = sorted.map(({ cut }) => cut);
    const left = Math.min(...cuts.map((cut) => cut.left));
    const top = Math.min(...cuts.map((cut) => cut.top));
    return {
      text: sorted.map(({ text }) => text).join(' '),
      confidence: sorted.reduce((sum, { confidence }) => sum + confidence, 0) / sorted.length,
      cut: {
        left,
        top,
        width: Math.max(...cuts.map((cut) => cut.left + cut.width)) - left,
        height: Math.max(...cuts.map((cut) => cut.top + cut.height)) - top,
      },
    };
  });
}

const middleOf = ({ top, height }: Cut) => top + height / 2;

function nearest(row: readonly Piece[], { left, width }: Cut): Piece {
  const centre = left + width / 2;
  const away = ({ cut }: Piece) => Math.abs(cut.left + cut.width / 2 - centre);
  return row.reduce((best, each) => (away(each) < away(best) ? each : best));
}

function isBeside(one: Cut, other: Cut): boolean {
  const middle = middleOf(one);
  const ratio = one.height / other.height;
  const shared =
    Math.min(one.left + one.width, other.left + other.width) - Math.max(one.left, other.left);
  return (
    // The regions of two neighbouring words overlap a little.
    shared < Math.min(one.height, other.height) &&
    middle > other.top &&
    middle < other.top + other.height &&
    ratio < MAX_RATIO &&
    ratio > 1 / MAX_RATIO
  );
}
