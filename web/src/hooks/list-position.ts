export interface ListPosition {
  /** Milliseconds since the epoch. */
  chosenAt: number;
  /** Position among the files that were chosen together. */
  position: number;
}

/** Sorts the last choice first, and the files of a choice as they were chosen. */
export const compareByChoice = (a: ListPosition, b: ListPosition): number =>
  b.chosenAt - a.chosenAt || a.position - b.position;
