/** How far each file was when its page was left: the percentage of its card does not fall over a reload. */

const KEY = 'media-analysis-sent-1';

/** Each file has two, once it is accepted. */
const MOST = 2_000;
/** A later attempt begins at its own beginning. */
const LONGEST_MS = 3_600_000;

/** As in `Upload`. */
export interface Sent {
  sent: number;
  sendingShare: number | null;
}

/** By the key of a file, or the id of its media. */
export type SentBefore = ReadonlyMap<string, Sent>;

let known: SentBefore | undefined;

/** Looks again: a page that is left writes it. */
export function readSent(): SentBefore {
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

/** For each drawing of a card: looks once. */
export const shareBefore = (mediaId: string): number | null | undefined =>
  (known ?? readSent()).get(mediaId)?.sendingShare;

/** @param items In their order: of more than `MOST`, the last ones are remembered. */
export function writeSent(items: readonly (readonly [string, Sent])[]): void {
  const at = Date.now();
  const dated = items.slice(-MOST).map(([name, sent]) => [name, { at, ...sent }]);
  try {
    localStorage.setItem(KEY, JSON.stringify(dated));
  } catch {
    // The browser's settings forbid it.
  }
}
