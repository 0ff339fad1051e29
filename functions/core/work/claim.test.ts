import { Timestamp } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { type MediaRecord, newMediaRecord } from '../media/record.ts';
import { decideClaim } from './claim.ts';

const NOW = 1_700_000_000_000;
const at = (ms: number) => Timestamp.fromMillis(NOW + ms);
const limits = { nowMs: NOW, maxDeliveries: 8 };

function record(patch: Partial<MediaRecord> = {}): MediaRecord {
  const media = {
    id: 'm1',
    file_name: 'a.jpg',
    content_type: 'image/jpeg',
    size: 3,
    owner_id: 'alice',
    analyze: true,
    language: 'en',
    staging_object: 'm1',
    queue_state: 'queued' as const,
  };
  return { ...newMediaRecord(media, NOW), ...patch };
}

const stored: Partial<MediaRecord> = { status: 'uploading', object: 'm1/original' };
const lease = (ms: number) => ({ lease: { token: 't', expires_at: at(ms) } });

describe('what a delivery may do', () => {
  test.each<[string, 'upload' | 'analyze', MediaRecord | undefined, number, object]>([
    ['a new media is claimed', 'upload', record(), 1, { kind: 'claim' }],
    ['a deleted one is gone', 'upload', undefined, 1, { kind: 'gone' }],
    [
      'a completed one needs nothing',
      'upload',
      record({ status: 'completed' }),
      1,
      { kind: 'finished' },
    ],
    [
      'a failed one needs nothing',
      'analyze',
      record({ status: 'failed' }),
      1,
      { kind: 'finished' },
    ],
    [
      'a task of an earlier attempt has nothing to do',
      'upload',
      record({ attempts: 2 }),
      1,
      { kind: 'finished' },
    ],
    [
      'stored bytes are not stored again',
      'upload',
      record(stored),
      1,
      { kind: 'stored', record: record(stored) },
    ],
    ['stored bytes are analysed', 'analyze', record(stored), 1, { kind: 'claim' }],
    ['bytes that are not stored are not analysed', 'analyze', record(), 1, { kind: 'finished' }],
    [
      'a live lease makes the second delivery wait for its end',
      'upload',
      record(lease(9_000)),
      1,
      { kind: 'wait', ms: 9_000, reason: 'leased' },
    ],
    ['an expired lease does not count', 'upload', record(lease(0)), 1, { kind: 'claim' }],
    [
      'a delivery waits for a quota',
      'analyze',
      record({ ...stored, retry_at: at(60_000) }),
      1,
      { kind: 'wait', ms: 60_000, reason: 'quota' },
    ],
    [
      'a delivery does not wait for a quota whose time is over',
      'analyze',
      record({ ...stored, retry_at: at(-1) }),
      1,
      { kind: 'claim' },
    ],
    [
      'a media that rests is left alone until its time has come',
      'analyze',
      record({ ...stored, queue_state: 'resting', retry_at: at(60_000) }),
      1,
      { kind: 'wait', ms: 60_000, reason: 'quota' },
    ],
    [
      'a media that has rested is not worked on without a place',
      'analyze',
      record({ ...stored, queue_state: 'resting', retry_at: at(-1) }),
      1,
      { kind: 'placeless' },
    ],
    [
      'a media that waits for a place is not worked on',
      'upload',
      record({ queue_state: 'waiting', deliveries: 8 }),
      1,
      { kind: 'placeless' },
    ],
    ['the last delivery still works', 'upload', record({ deliveries: 7 }), 1, { kind: 'claim' }],
    ['one more is too many', 'upload', record({ deliveries: 8 }), 1, { kind: 'exhausted' }],
  ])('%s', (_title, phase, media, attempt, decision) => {
    expect(decideClaim(media, phase, { attempt }, limits)).toEqual(decision);
  });
});

describe('a media with a copy of the same content that', () => {
  const copy = (patch: Partial<MediaRecord>) => [record({ id: 'm0', ...stored, ...patch })];

  test.each<[string, MediaRecord[], object]>([
    ['is being analysed waits', copy(lease(9_000)), { kind: 'wait', ms: 2_000, reason: 'copy' }],
    [
      'is being analysed comes back sooner if its id is the smaller one',
      copy({ id: 'm2', ...lease(9_000) }),
      { kind: 'wait', ms: 1_000, reason: 'copy' },
    ],
    ['lost its worker is analysed', copy(lease(-1)), { kind: 'claim' }],
    ['waits for a quota is analysed', copy({ retry_at: at(60_000) }), { kind: 'claim' }],
    ['is completed is claimed, to copy it', copy({ status: 'completed' }), { kind: 'claim' }],
  ])('%s', (_title, copies, decision) => {
    const options = { ...limits, copies };
    expect(decideClaim(record(stored), 'analyze', { attempt: 1 }, options)).toEqual(decision);
  });
});
