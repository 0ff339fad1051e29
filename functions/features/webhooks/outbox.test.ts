import { Timestamp } from '@google-cloud/firestore';
import { expect, test } from '@jest/globals';
import { webhookPayloadSchema } from '@media-analysis/shared/webhooks';
import { type MediaRecord, newMediaRecord } from '../../core/media/record.ts';
import { newsOf } from './outbox.ts';

const media = (more: Partial<MediaRecord> = {}): MediaRecord => ({
  ...newMediaRecord(
    {
      id: 'm',
      file_name: 'a.jpg',
      content_type: 'image/jpeg',
      size: 1,
      owner_id: 'alice',
      analyze: true,
      language: 'en',
      staging_object: 's',
      queue_state: 'queued' as const,
      wanted: ['describe', 'receipt'],
    },
    0,
  ),
  status: 'analyzing',
  ...more,
});

const said = (before: MediaRecord, after: Partial<MediaRecord>) =>
  newsOf(before, { ...before, ...after }, 0).map(({ type, payload }) => {
    if (payload) webhookPayloadSchema.parse(payload);
    return payload && 'analysis' in payload.data ? `${type} ${payload.data.analysis}` : type;
  });

const analytics = {} as never;
const failure = { code: 'analysis_blocked', message: 'no' } as const;
const done = (status: 'completed' | 'failed') => ({ analyses: { receipt: { status } as never } });

test.each<[string, Partial<MediaRecord>, Partial<MediaRecord>, string[]]>([
  ['progress', {}, { progress: 0.7 }, []],
  ['a description', {}, { wanted: ['receipt'], analytics }, ['analysis.completed describe']],
  ['a description that failed', {}, { wanted: ['receipt'], failure }, []],
  [
    'the last analysis',
    { wanted: ['receipt'] },
    { wanted: [], status: 'completed', ...done('completed') },
    ['analysis.completed receipt', 'media.completed'],
  ],
  [
    'the last analysis, which failed',
    { wanted: ['receipt'] },
    { wanted: [], status: 'completed', ...done('failed') },
    ['media.completed'],
  ],
  [
    'the end of a media whose description failed',
    { wanted: ['receipt'], failure },
    { wanted: [], status: 'failed', error_code: 'analysis_blocked', ...done('completed') },
    ['analysis.completed receipt', 'media.failed'],
  ],
  [
    'a file that cannot be opened',
    {},
    { status: 'failed', error_code: 'media_corrupt' },
    ['media.failed'],
  ],
  ['a media that is only stored', { wanted: [] }, { status: 'completed' }, ['media.completed']],
  [
    'the end of a media of a batch',
    { wanted: [], batch_id: 'b' },
    { status: 'completed' },
    ['media.completed', 'batch.completed'],
  ],
  ['a write after the end', { status: 'completed', wanted: [] }, { meaning_by: 'x' }, []],
])('%s', (_what, before, after, types) => {
  expect(said(media(before), after)).toEqual(types);
});

test('an event has the same id each time, and another one in the next attempt, or if the media was erased and came again', () => {
  const id = (more: Partial<MediaRecord>) =>
    newsOf(
      media({ wanted: [], ...more }),
      media({ wanted: [], status: 'completed', ...more }),
      5,
    )[0]?.event;
  const first = id({ attempts: 1 });
  expect(id({ attempts: 1 })).toBe(first);
  expect(first).toMatch(/^evt_[\w-]{27}$/);
  expect(id({ attempts: 2 })).not.toBe(first);
  expect(id({ attempts: 1, created_at: Timestamp.fromMillis(1) })).not.toBe(first);
});
