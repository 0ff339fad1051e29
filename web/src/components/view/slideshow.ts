/** When a slideshow goes on to the next media. Times are in ms. */

/** Among these one chooses how long a picture is shown, from when it is drawn. */
export const PACES_MS = [3_000, 5_000, 10_000, 30_000] as const;
export const SHOWN_MS = 5_000;
const KEY = 'media-analysis-slideshow';
/** What has not come by then is passed over, and so is a video that has stood still for so long. */
export const PATIENCE_MS = 15_000;
/** If so many cannot be shown, one after the other, the reason is the line and not the files. */
const MOST_FAILED = 3;

/** What is known of the media that is shown. */
export type News = 'coming' | 'drawn' | 'played' | 'ended' | 'failed';

interface Deps {
  /** @returns what stops it */
  after: (ms: number, act: () => void) => () => void;
  /** How long a picture is shown now. */
  shown: () => number;
  /** Shows the next one. */
  turn: () => void;
  pause: () => void;
}

export interface Pace {
  tell: (news: News) => void;
  /** Nothing happens until there is news. */
  stop: () => void;
}

export function createPace({ after, shown, turn, pause }: Deps): Pace {
  let failed = 0;
  let stop = () => {};
  const wait = (ms: number, act: () => void) => {
    stop();
    stop = after(ms, act);
  };
  const passOver = () => {
    failed++;
    if (failed < MOST_FAILED) return turn();
    failed = 0;
    pause();
  };
  const tell = (news: News) => {
    stop();
    if (news === 'drawn' || news === 'played') failed = 0;
    switch (news) {
      case 'drawn':
        return wait(shown(), turn);
      case 'coming':
      case 'played':
        return wait(PATIENCE_MS, passOver);
      case 'ended':
        return turn();
      case 'failed':
        return passOver();
    }
  };
  return { tell, stop: () => stop() };
}

/** What was chosen last in this browser. */
export function readPace(storage: () => Pick<Storage, 'getItem'>): number {
  try {
    const ms = Number(storage().getItem(KEY));
    return PACES_MS.find((each) => each === ms) ?? SHOWN_MS;
  } catch {
    return SHOWN_MS;
  }
}

export function writePace(ms: number, storage: () => Pick<Storage, 'setItem'>): void {
  try {
    storage().setItem(KEY, String(ms));
  } catch {
    // Forbidden, or full. It holds until the view is closed.
  }
}
