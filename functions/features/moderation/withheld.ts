/**
 * Decides whether a media is withheld. It reads only the record, so the api, the stream and the operators' commands agree.
 * docs/decisions/0039-bin.md has the reasons.
 */
import type { Timestamp } from '@google-cloud/firestore';
import type { Analytics } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import type { Held } from '@media-analysis/shared/media';
import { isTerminal, type MediaStatus } from '@media-analysis/shared/status';

/** `hold`: unsafe and unjudged media are served to nobody. */
export type ModerationMode = 'off' | 'hold';

export type Verdict = Analytics['safety']['verdict'];

/** The worst one last. */
const VERDICTS: readonly Verdict[] = ['unknown', 'safe', 'sensitive', 'unsafe'];

/** The decision of an operator. */
export interface Decision {
  kind: 'approved' | 'rejected';
  /** The operator's name, as given to the command. */
  by: string;
  at: Timestamp;
  /** The worst verdict at that time. */
  verdict: Verdict;
}

/** All judged copies of a content have the same value. */
export interface Moderation {
  /** The SHA-256 of the bytes. Only judged media have it here, so a query finds them among many copies. */
  content: string;
  /** The worst of all analyses. A later analysis does not take it back. */
  verdict: Verdict;
  /** The oldest first. The last one counts. */
  decisions: readonly Decision[];
  /** True if an operator has to decide. */
  waits: boolean;
}

declare module '../../core/media/record.ts' {
  interface MediaRecord {
    /** A media without it was not judged while moderation was on. Only `store.ts` writes it. */
    moderation?: Moderation;
  }
}

interface Judged {
  analytics: Analytics | null;
  moderation?: Moderation;
}

/** @returns why a media is withheld; undefined if it is not */
export function withheldOf(record: Judged, mode: ModerationMode): Held | undefined {
  if (mode === 'off') return undefined;
  const { verdict, decisions } = moderationOf(record);
  const decision = countingDecision(verdict, decisions);
  if (decision === 'rejected') return 'rejected';
  if (decision === 'approved' || verdict === 'safe' || verdict === 'sensitive') return undefined;
  return verdict === 'unsafe' ? 'unsafe' : 'unchecked';
}

/** @throws {AppError} `media_held` */
export function refuseWithheld(
  record: Judged & { file_name: string; status: MediaStatus },
  mode: ModerationMode,
): void {
  const held = withheldOf(record, mode);
  if (held) throw new AppError('media_held', refusal(held, record));
}

/**
 * With moderation, the frames that came with a video are not shown: a model judges either the video or the frames, and the same
 * video can be sent again with other frames.
 */
export function showsFrames(mode: ModerationMode): boolean {
  return mode === 'off';
}

function refusal(held: Held, { file_name, status }: { file_name: string; status: MediaStatus }) {
  switch (held) {
    case 'rejected':
      return `An operator of this service has looked at "${file_name}" and does not let it be shown.`;
    case 'unsafe':
      return `"${file_name}" may be unsafe. It is not shown unless an operator of this service approves it.`;
    case 'unchecked':
      return isTerminal(status)
        ? `"${file_name}" was not checked, so it is not shown. Nothing checks it by itself: it stays so until a description checks it, or an operator of this service approves it.`
        : `"${file_name}" is not shown before it was checked. Ask again in a moment.`;
  }
}

/** A media that was analysed while moderation was off has only its analysis. */
export function moderationOf({ analytics, moderation }: Judged): Omit<Moderation, 'content'> {
  const { verdict = 'unknown', decisions = [] } = moderation ?? {};
  return known(worse(verdict, analytics ? verdictOf(analytics) : 'unknown'), decisions);
}

/** The sender has chosen the frames of a video, so harmless frames say nothing about the video. */
export function verdictOf({ safety, notes = [] }: Pick<Analytics, 'safety' | 'notes'>): Verdict {
  return notes.includes('from_frames') && safety.verdict !== 'unsafe' ? 'unknown' : safety.verdict;
}

/** The order does not matter, and joining the same value twice changes nothing. */
export function join(
  a: Omit<Moderation, 'content'>,
  b: Omit<Moderation, 'content'>,
): Omit<Moderation, 'content'> {
  const named = [...a.decisions, ...b.decisions].map((each) => [nameOf(each), each] as const);
  const decisions = [...new Map(named)].sort(([x], [y]) => (x < y ? -1 : 1));
  return known(
    worse(a.verdict, b.verdict),
    decisions.map(([, each]) => each),
  );
}

export function isSame(
  a: Omit<Moderation, 'content'>,
  b: Omit<Moderation, 'content'> | undefined,
): boolean {
  return a.verdict === b?.verdict && a.decisions.length === b.decisions.length;
}

export function known(
  verdict: Verdict,
  decisions: readonly Decision[],
): Omit<Moderation, 'content'> {
  const waits = verdict === 'unsafe' && countingDecision(verdict, decisions) === undefined;
  return { verdict, decisions, waits };
}

/** An approval covers only the verdict of its time. It does not count if `unsafe` came later. */
function countingDecision(
  verdict: Verdict,
  decisions: readonly Decision[],
): Decision['kind'] | undefined {
  const last = decisions.at(-1);
  const isOverruled =
    last?.kind === 'approved' && verdict === 'unsafe' && last.verdict !== 'unsafe';
  return isOverruled ? undefined : last?.kind;
}

function worse(a: Verdict, b: Verdict): Verdict {
  return VERDICTS.indexOf(a) > VERDICTS.indexOf(b) ? a : b;
}

function nameOf({ at, by, kind }: Decision): string {
  return `${at.toDate().toISOString()} ${kind} ${by}`;
}
