/** Saves the progress of each file when its page is left: the percentage of its card does not fall over a reload. */

const KEY = 'media-analysis-sent-1';

/** An accepted file has two entries. */
const MOST = 2_000;
/** A later attempt starts from zero. */
const LONGEST_MS = 3_600_000;

/** The fields of `Upload`. */
export interface Sent {
  sent: number;
  sendingShare: number | null;
}

/** By the key of a file, or the id of its media. */
export type SavedProgress = ReadonlyMap<string, Sent>;

let known: SavedProgress | undefined;

/** Reads it again: a page that is left writes it. */
export function readSavedProgress(): SavedProgress {
  try {
    const items: [string, Sent & { at: number }][] = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    const since = Date.now() - LONGEST_MS;
    known = new Map(
      items.filter(([, { sent, sendingShare, at }]) => {
        const share = Number(sendingShare);
        return sent >= 0 && share >= 0 && share <= 1 && at > since;
      }),
    );
  } catch {
    known = new Map();
  }
  return known;
}

/** Reads it once: it is called at each rendering of a card. */
export const savedShare = (mediaId: string): number | null | undefined =>
  (known ?? readSavedProgress()).get(mediaId)?.sendingShare;

/** @param items in their order. If there are more than `MOST`, the last are saved. */
export function saveProgress(items: readonly (readonly [string, Sent])[]): void {
  const at = Date.now();
  const dated = items.slice(-MOST).map(([name, sent]) => [name, { at, ...sent }]);
  try {
    localStorage.setItem(KEY, JSON.stringify(dated));
  } catch {
    // The browser's settings forbid it.
  }
}
