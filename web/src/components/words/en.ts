import type { ErrorCode, Media } from '../../client/index.ts';
import type { TimeLeft } from '../../hooks/index.ts';
import type { ViewWords } from './view-texts.ts';

type WaitCode = Media['wait_code'];
type WaitLimit = Media['wait_limit'];

const WAITS: Partial<Record<NonNullable<WaitCode>, string>> = {
  no_place: 'Other files of yours come first.',
  analysis_quota: 'Limit of the analysis service reached. Nothing is lost.',
  analysis_model_missing: 'The model for the analysis is not available now. Nothing is lost.',
  analysis_unpaid: 'The budget for analyses is used up. Nothing is lost.',
  analysis_spend_cap:
    'What may be spent on analyses today is used up. Nothing is lost: it goes on by itself, soon after midnight (UTC) at the latest.',
  analysis_no_access: 'The analysis service does not accept our requests now. Nothing is lost.',
  analysis_unavailable: 'The analysis service does not answer now. Nothing is lost.',
  analysis_timeout: 'The analysis service takes too long. Nothing is lost.',
  unavailable: 'Our storage does not answer now. Nothing is lost.',
};

/** The service writes British English. The names of files, in quotes, stay as they are. */
const ANALYSED = /[“"][^”"]*[”"]|analys(?=ed|e\b|ing)/g;

function overLimit({ usd, of }: NonNullable<WaitLimit>): string {
  const whose = of === 'owner' ? 'your files' : 'the files of all users together';
  return `The analyses of ${whose} may cost $${usd.toFixed(2)} a day, and today that is used up. Nothing is lost: it goes on by itself, soon after midnight (UTC) at the latest.`;
}

interface Counts {
  ready: number;
  failed: number;
  total: number;
  /** How many files the user has stopped. The other counts do not include them. */
  stopped?: number;
}

/** @returns both ends of the range as a person would say them; `from` is 0 if the work may end at once */
export function roundTime({ from, to }: TimeLeft): [number, number, 's' | 'min' | 'h'] {
  if (to < 55) return [Math.round(from / 10) * 10, Math.max(1, Math.round(to / 10)) * 10, 's'];
  const isLong = to >= 100 * 60;
  const unit = isLong ? 3_600 : 60;
  return [Math.round(from / unit), Math.max(1, Math.round(to / unit)), isLong ? 'h' : 'min'];
}

const english = {
  /** BCP 47. Dates and numbers follow it. */
  language: 'en',
  appName: 'Media Analysis',
  upload: {
    title: 'Drop photos and videos here',
    promise: 'Each one is described by what can be seen in it, so that you can search for it.',
    add: 'Add photos',
    choose: 'Choose files',
    takePhoto: 'Take a photo',
    chooseFolder: 'Choose a folder',
    accepted:
      'JPEG, PNG, WebP, GIF, AVIF, TIFF, HEIC\u00a0up\u00a0to\u00a0128\u00a0MB · MP4, MOV, WebM\u00a0up\u00a0to\u00a02\u00a0GB',
    drop: 'Drop to upload',
  },
  stages: {
    sending: 'Uploading',
    paused: 'Paused',
    stopped: 'Stopped',
    missing: 'Not fully uploaded',
    waiting: 'Waiting',
    storing: 'Storing',
    analyzing: 'Analyzing',
    completed: 'Ready',
    failed: 'Failed',
  },
  outage: {
    label: 'The server cannot be reached',
    unavailable: 'The service is not available at the moment',
    note: 'Your files are safe. The upload resumes by itself.',
    offline: 'You are offline. It goes on by itself when you are back.',
  },
  connection: {
    connecting: '',
    live: '',
    reconnecting: 'Reconnecting',
    polling: '',
    closed: '',
  },
  summary: ({ ready, failed, total, stopped }: Counts) =>
    (ready + failed === total && (failed || stopped)
      ? `${ready} done`
      : `${ready} of ${total} ready`) +
    (failed ? `, ${failed} failed` : '') +
    (stopped ? `, ${stopped} stopped` : ''),
  allDone: 'All done',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel the rest',
  retry: 'Retry',
  timeLeft: (time: TimeLeft) => {
    const [from, to, unit] = roundTime(time);
    const range = `${from === to ? to : `${from}–${to}`} ${unit} left`;
    return from === 0 ? `Less than ${to} ${unit} left` : `About ${range}`;
  },
  /** How much of a large file has been sent, in MB. */
  sent: (sent: string, size: string) => `${sent} of ${size}\u00a0MB`,
  sendAgain: 'Retry',
  chooseAgain: (name: string) =>
    `Choose ${name} again to go on. What has arrived is not sent again.`,
  /** For a media whose bytes have not all arrived, and which this page does not send. */
  notAllHere: (name: string) =>
    `If no other tab or device is sending it, choose ${name} again, or delete it here.`,
  remove: 'Delete',
  /** `name`: the name of the item, or how many items. */
  reallyRemove: (name: string) => `Delete ${name} for good?`,
  /** Button: takes a file that is being sent, or was not accepted, off the list. */
  takeOff: 'Remove',
  bin: 'Trash',
  /** For screen readers: what a button does, and to which file. */
  actOn: (label: string, name: string) => `${label} ${name}`,
  open: (name: string) => `Open ${name}`,
  select: (name: string) => `Select ${name}`,
  close: 'Close',
  previous: 'Previous',
  next: 'Next',
  loadMore: 'Show more',
  loading: 'Loading',
  tryAgain: 'Try again',
  gallery: 'Your media',
  /** Why an item waits: its `wait_code` and `wait_limit`. */
  waitsFor: (code: WaitCode, limit?: WaitLimit) =>
    (limit && overLimit(limit)) ?? (code && WAITS[code]) ?? 'The analysis has to wait.',
  /** `time` is like `0:42`. */
  continuesIn: (time: string) => `Resumes in ${time}`,
  continuesSoon: 'Resuming shortly',
  progressOf: (name: string) => `Progress of ${name}`,
  overall: 'Overall progress',
  noPreview: 'No preview',
  unshown: 'This item cannot be shown here. Reload the page, or try again later.',
  held: {
    unchecked: 'Not shown before it is checked.',
    notChecked:
      'Not shown, because it was not checked. It stays so until an analysis checks it or a person in charge approves it.',
    unsafe: 'Not shown: it may be unsafe. A person will look at it.',
    rejected: 'Not shown: a person has looked at it and does not allow it.',
  },
  analyses: {
    title: 'Analyses',
    /** It also says why the last chosen analysis cannot be switched off. */
    choose: 'Analyses for each file (at least one)',
    describe: 'Analyze',
    describeAgain: 'Analyze again',
    again: (title: string) => `${title} again`,
    withInput: (title: string) => `${title}…`,
    send: 'Ask',
    cancel: 'Cancel',
    yes: 'Yes',
    no: 'No',
    none: '—',
    /** @param title The title of an analysis, such as `Receipt`. */
    nothing: (title: string | undefined, isVideo: boolean) => {
      const what = title?.replace(/^\p{Lu}(?!\p{Lu})/u, (first) => first.toLowerCase());
      return `${what ? `No ${what}` : 'Nothing'} was found in this ${isVideo ? 'video' : 'photo'}.`;
    },
    noCurrency: 'The currency is not known, so amounts are in its smallest unit, such as cents.',
  },
  tags: 'Tags',
  /** Text for a tag or the label of an object. A label without a translation stays as it is. */
  label: (label: string) => label,
  /**
   * What went wrong and what to do now.
   * @param message The English text of the server or client, for languages without a text for `code`.
   * @param name Name of the file concerned. `message` contains it already.
   */
  error: (code: ErrorCode | null, message: string | null, _name?: string) =>
    code === 'unauthenticated'
      ? 'Please sign in.'
      : (message?.replace(ANALYSED, (each) => (each === 'analys' ? 'analyz' : each)) ??
        'Something went wrong. Try again in a moment.'),
};

/**
 * All texts of the components in one language. Spread `en` or `ja` to change a few of them.
 * @example
 * ```ts
 * import { en, type Words } from '@media-analysis/react';
 *
 * const words: Words = { ...en, stages: { ...en.stages, completed: 'Described' } };
 * show(words.stages.completed);
 * ```
 */
export type Words = typeof english & {
  /** Texts of the full view. Default: those of the language, or the English ones. */
  view?: ViewWords;
};

/**
 * The American English texts.
 * @example
 * ```ts
 * import { en } from '@media-analysis/react';
 *
 * show(en.summary({ ready: 2, failed: 1, total: 5 })); // '2 of 5 ready, 1 failed'
 * ```
 */
export const en: Words = english;

export const enGB: Words = {
  ...en,
  language: 'en-GB',
  bin: 'Bin',
  stages: { ...en.stages, analyzing: 'Analysing' },
  analyses: { ...en.analyses, describe: 'Analyse', describeAgain: 'Analyse again' },
  error: (code, message) => (code !== 'unauthenticated' && message) || en.error(code, null),
};
