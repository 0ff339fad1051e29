/** Who checks the checkers: each of them must see what it is there for. */
import { Timestamp } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import { findableOf } from '../../functions/features/search/findable.ts';
import { mediaRecord, NOW } from '../support/media.ts';
import { findViolations } from './invariants.ts';
import { History } from './observer.ts';
import type { AcceptedFile } from './user.ts';

const done: Partial<MediaRecord> = {
  status: 'completed',
  progress: 1,
  object: 'm1/original',
  staging_object: null,
  sha256: 'abc',
  analytics: {} as MediaRecord['analytics'],
};
const accepted: AcceptedFile = {
  id: 'm1',
  owner: 'alice',
  file_name: 'm1.jpg',
  sha256: 'abc',
  isDeleted: false,
};

function verdict(patch: Partial<MediaRecord> = {}, media = ['m1/original'], file = accepted) {
  return findViolations({
    accepted: [file],
    records: new Map([
      ['m1', { ...findableOf(mediaRecord(done)), ...mediaRecord({ ...done, ...patch }) }],
    ]),
    media: new Set(media),
    staging: new Set(),
    nowMs: NOW,
  });
}

describe('when all is at rest', () => {
  test('a completed media with its object and its analytics is as it should be', () => {
    expect(verdict()).toEqual([]);
  });

  test.each<[string, Partial<MediaRecord>, RegExp]>([
    ['one that never ended', { status: 'analyzing' }, /not come to an end/],
    ['a failure without a reason', { status: 'failed' }, /without a reason/],
    ['bytes that are gone', { status: 'failed', error_code: 'media_missing' }, /lost its bytes/],
    [
      'words that are not found',
      { edits: { title: 'zeppelin' } },
      /is found by ".*", not by ".*zeppelin.*"/,
    ],
    ['a result without analytics', { analytics: null }, /without analytics/],
    ['a result of nothing', { object: null }, /without an object/],
    ['half a result', { progress: 0.9 }, /progress 0.9/],
    ['a result that failed', { error_code: 'internal' }, /with the error/],
    [
      'a lease that outlives the work',
      { lease: { token: 't', expires_at: Timestamp.fromMillis(NOW + 1) } },
      /still leased/,
    ],
    ['somebody else’s bytes', { sha256: 'def' }, /other bytes/],
    ['somebody else’s media', { owner_id: 'bob' }, /belongs to bob/],
    ['another file’s name', { file_name: 'm2.jpg' }, /is called/],
  ])('%s is seen', (_title, patch, complaint) => {
    expect(verdict(patch)).toContainEqual(expect.stringMatching(complaint));
  });

  test('an object that is missing is seen, and one too many', () => {
    expect(verdict({}, [])).toEqual([expect.stringMatching(/its object is missing/)]);
    expect(verdict({}, ['m1/original', 'm2/original'])).toEqual([
      expect.stringMatching(/without a document/),
    ]);
  });

  test('what was deleted and is there is seen, and what was not and is gone', () => {
    expect(verdict({}, ['m1/original'], { ...accepted, isDeleted: true })).toEqual([
      expect.stringMatching(/still there/),
    ]);
    expect(verdict({}, ['m1/original'], { ...accepted, id: 'm2' })).toEqual([
      expect.stringMatching(/lost/),
    ]);
  });
});

describe('while it happens', () => {
  test.each<[string, Partial<MediaRecord>[], RegExp | undefined]>([
    [
      'an honest life, and a second one',
      [
        { status: 'pending' },
        { status: 'uploading', progress: 0.1 },
        { status: 'failed', progress: 0.3 },
        { status: 'pending', progress: 0, attempts: 2 },
        { status: 'analyzing', progress: 0.5, attempts: 2 },
        { status: 'completed', progress: 1, attempts: 2 },
      ],
      undefined,
    ],
    ['progress that falls', [{ progress: 0.5 }, { progress: 0.4 }], /progress fell/],
    ['a revision that comes twice', [{ revision: 7 }, { revision: 7 }], /revision went/],
    [
      'a second end',
      [{ status: 'completed' }, { status: 'failed' }],
      /from completed to failed|came to an end 2/,
    ],
    ['a write after the end', [{ status: 'failed' }, { status: 'failed' }], /was written after/],
    [
      'an attempt that is taken back',
      [{ attempts: 2 }, { attempts: 1 }],
      /an attempt was taken back/,
    ],
  ])('%s', (_title, states, complaint) => {
    const history = new History();
    states.forEach((state, at) => {
      history.seen(mediaRecord({ revision: at + 1, ...state }));
    });
    if (complaint) expect(history.violations).toContainEqual(expect.stringMatching(complaint));
    else expect(history.violations).toEqual([]);
  });

  test('what comes back to life', () => {
    const history = new History();
    history.seen(mediaRecord());
    history.removed('m1');
    history.seen(mediaRecord({ revision: 2 }));
    expect(history.violations).toEqual([expect.stringMatching(/came back to life/)]);
  });
});
