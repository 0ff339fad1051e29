/** The frames of a video. */
import type { Mutation } from './mutation.ts';

const JOURNEY = 'test/journey/frames.test.ts';
const MODERATION = 'test/journey/moderation.long.test.ts';
const API = 'functions/core/accept/frames.ts';
const WORKER = 'functions/core/work/frames.ts';

const CLAIMS = 'frames that show another video';
const UNJUDGED = 'unjudged frames shown with an approved video';
const BOMBS = 'a frame that is a bomb or no picture';
const ENDLESS = 'too many or too large frames';
const LEFT = 'frames that outlive the video';

export const FRAMES: readonly Mutation[] = [
  {
    threat: CLAIMS,
    without: 'saying so in the result',
    edits: [
      [
        'functions/analysis/to-analytics.ts',
        "if (facts.kind !== 'video' || !frames || !looksAtFrames(asked)) return result;",
        "if (asked !== '' || facts || frames) return result;",
      ],
    ],
    tests: [JOURNEY, 'a model of pictures describes a video'],
  },
  {
    threat: CLAIMS,
    without: 'holding the video back all the same',
    edits: [
      [
        'functions/features/moderation/withheld.ts',
        "return notes.includes('from_frames') && safety.verdict !== 'unsafe' ? 'unknown' : safety.verdict;",
        "return notes.includes('from_frames') ? safety.verdict : safety.verdict;",
      ],
    ],
    tests: ['functions/features/moderation/withheld.test.ts', 'frames that were sent along'],
  },
  {
    threat: UNJUDGED,
    without: 'showing none',
    edits: [
      [
        'functions/features/moderation/withheld.ts',
        "return mode === 'off';",
        'return mode !== undefined;',
      ],
    ],
    tests: [MODERATION, 'although a model has looked at', 'although an operator has approved'],
  },
  {
    threat: UNJUDGED,
    without: 'the look at the video itself',
    edits: [
      [
        'deploy/moderation.ts',
        "facts?.kind === 'video' ? object : (preview_object ?? object)",
        'facts && (preview_object ?? object)',
      ],
    ],
    tests: [MODERATION, 'although an operator has approved'],
  },
  {
    threat: CLAIMS,
    without: 'the end of the video',
    edits: [[WORKER, 'if (time_s > last) continue;', 'if (time_s < 0) continue;']],
    tests: [JOURNEY, 'a frame that is no picture'],
  },
  {
    threat: BOMBS,
    without: 'leaving it out',
    edits: [[WORKER, 'if (error instanceof AppError) return undefined;', '']],
    tests: [JOURNEY, 'a frame that is no picture'],
  },
  {
    threat: BOMBS,
    without: 'encoding it anew',
    edits: [
      [
        WORKER,
        'opened.push({ order, time_s, jpeg: found.preview.bytes, colors: found.facts.colors });',
        'opened.push({ order, time_s, jpeg, colors: found.facts.colors });',
      ],
    ],
    tests: [JOURNEY, 'frames are only pixels'],
  },
  {
    threat: ENDLESS,
    without: 'counting them',
    edits: [
      [API, 'await dailyUploads.charge(ownerId, { bytes: bytes.length, files: 1 });', ''],
      [
        API,
        '{ media, objects, dailyUploads, limits, uploads }',
        '{ media, objects, limits, uploads }',
      ],
    ],
    tests: [JOURNEY, 'frames count as sent bytes'],
  },
  {
    threat: ENDLESS,
    without: 'a largest frame',
    edits: [[API, 'fileBytes: MAX_FRAME_BYTES,', 'fileBytes: REQUEST_BYTES,']],
    tests: [JOURNEY, 'one of 300,001 bytes is refused'],
  },
  {
    threat: ENDLESS,
    without: 'a largest number',
    edits: [[API, '{ files: MAX_FRAMES,', '{ files: 99,']],
    tests: [JOURNEY, 'nine is refused'],
  },
  {
    threat: ENDLESS,
    without: 'an end when the work begins',
    edits: [
      [
        'functions/core/media/refusals.ts',
        'export function refuseLateFrames(record: MediaRecord): void {\n  if (isAnnounced(record)) return;',
        'export function refuseLateFrames(record: MediaRecord): void {\n  if (record) return;',
      ],
    ],
    tests: [JOURNEY, 'frames come before the work begins'],
  },
  {
    threat: LEFT,
    without: 'removing them with it',
    edits: [['functions/storage/objects.ts', '      this.removeMedia(framesName(id)),\n', '']],
    tests: [JOURNEY, 'gone with the video'],
  },
];
