import type { Media } from '../../client/index.ts';
import { roundTime } from './round-time.ts';
import type { Words } from './words.ts';

const WAITS: Partial<Record<NonNullable<Media['wait_code']>, string>> = {
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

function overLimit({ usd, of }: NonNullable<Media['wait_limit']>): string {
  const whose = of === 'owner' ? 'your files' : 'the files of all users together';
  return `The analyses of ${whose} may cost $${usd.toFixed(2)} a day, and today that is used up. Nothing is lost: it goes on by itself, soon after midnight (UTC) at the latest.`;
}

/**
 * The English texts, as in America.
 * @example
 * ```ts
 * import { en } from '@media-analysis/react';
 *
 * show(en.summary({ ready: 2, failed: 1, total: 5 })); // '2 of 5 ready, 1 failed'
 * ```
 */
export const en: Words = {
  language: 'en',
  appName: 'Media Analysis',
  upload: {
    title: 'Drop photos and videos here',
    promise: 'Each one gets a title, a description and tags, and is found by what is in it.',
    add: 'Add photos',
    choose: 'Choose files',
    takePhoto: 'Take a photo',
    chooseFolder: 'Choose a folder',
    accepted:
      'JPEG, PNG, WebP, GIF, AVIF, TIFF, HEIC up to 128\u00a0MB · MP4, MOV, WebM up to 2\u00a0GB',
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
  summary: ({ ready, failed, total, stopped }) =>
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
  retryAll: (count) => `Retry all ${count}`,
  timeLeft: (time) => {
    const [from, to, unit] = roundTime(time);
    const range = `${from === to ? to : `${from}–${to}`} ${unit} left`;
    return from === 0 ? `Less than ${to} ${unit} left` : `About ${range}`;
  },
  sent: (sent, size) => `${sent} of ${size}\u00a0MB`,
  placeInLine: ['· no. ', ' in line'],
  sendAgain: 'Retry',
  chooseAgain: (name) => `Choose ${name} again to go on. What has arrived is not sent again.`,
  notAllHere: (name) =>
    `If no other tab or device is sending it, choose ${name} again, or delete it here.`,
  remove: 'Delete',
  reallyRemove: (name) => `Delete ${name} for good?`,
  takeOff: 'Remove',
  bin: 'Trash',
  actOn: (label, name) => `${label} ${name}`,
  open: (name) => `Open ${name}`,
  select: (name) => `Select ${name}`,
  close: 'Close',
  previous: 'Previous',
  next: 'Next',
  loadMore: 'Show more',
  loading: 'Loading',
  tryAgain: 'Try again',
  gallery: 'Your media',
  waitsFor: (code, limit) =>
    (limit && overLimit(limit)) ?? (code && WAITS[code]) ?? 'The analysis has to wait.',
  continuesIn: (time) => `Resumes in ${time}`,
  continuesSoon: 'Resuming shortly',
  progressOf: (name) => `Progress of ${name}`,
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
    choose: 'Analyses for each file (at least one)',
    describe: 'Analyze',
    describeAgain: 'Analyze again',
    again: (title) => `${title} again`,
    withInput: (title) => `${title}…`,
    send: 'Ask',
    cancel: 'Cancel',
    yes: 'Yes',
    no: 'No',
    none: '—',
    noCurrency: 'The currency is not known, so amounts are in its smallest unit, such as cents.',
  },
  tags: 'Tags',
  label: (label) => label,
  error: (code, message) =>
    code === 'unauthenticated'
      ? 'Please sign in.'
      : (message?.replace(ANALYSED, (each) => (each === 'analys' ? 'analyz' : each)) ??
        'Something went wrong. Try again in a moment.'),
};

/** What differs in Britain. */
export const enGB: Words = {
  ...en,
  language: 'en-GB',
  bin: 'Bin',
  stages: { ...en.stages, analyzing: 'Analysing' },
  analyses: { ...en.analyses, describe: 'Analyse', describeAgain: 'Analyse again' },
  error: (code, message) => (code !== 'unauthenticated' && message) || en.error(code, null),
};
