/** When a file was chosen. */
export interface Place {
  /** In milliseconds since the epoch. */
  chosenAt: number;
  /** Among the files that were chosen together. */
  position: number;
}

/** Those of the last choice first, as they were chosen. */
export const inOrder = (a: Place, b: Place): number =>
  b.chosenAt - a.chosenAt || a.position - b.position;
