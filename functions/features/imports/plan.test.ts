import { Timestamp } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import type { ListedObject } from '../../storage/list-bucket.ts';
import { ImportPlan, type PlanLimits } from './plan.ts';
import type { ImportRecord } from './record.ts';

const MIB = 1024 * 1024;
const LEFT = { bytes: 100 * MIB, files: 100 };
const LIMITS: PlanLimits = { inFlight: 3, maxUploadBytes: 50 * MIB, perDay: LEFT, nowMs: NOW };
const at = Timestamp.fromMillis(NOW);

const running = (patch: Partial<ImportRecord> = {}): ImportRecord => ({
  id: 'run',
  owner_id: 'alice',
  source: { bucket: 'shop', prefix: '' },
  analyze: true,
  in_place: false,
  analyses: ['describe'],
  language: 'en',
  state: 'running',
  wait_code: null,
  error_code: null,
  error_message: null,
  failures: [],
  cursor: null,
  is_listed: false,
  found: 0,
  accepted: 0,
  skipped: 0,
  done: 0,
  failed: 0,
  upcoming: [],
  working: [],
  created_at: at,
  updated_at: at,
  ended_at: null,
  due_at: at,
  expires_at: null,
  revision: 1,
  ...patch,
});

const object = (name: string, patch: Partial<ListedObject> = {}): ListedObject => ({
  name,
  generation: '1',
  size: 100,
  content_type: 'image/jpeg',
  ...patch,
});
const three = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => object(name));

const media = (id: string, patch: Partial<MediaRecord> = {}) =>
  mediaRecord({ id, owner_id: 'alice', updated_at: at, ...patch });

function planned(objects: ListedObject[], known: string[] = [], limits = LIMITS, left = LEFT) {
  const plan = new ImportPlan(running(), [], limits);
  plan.addPage(objects, true);
  plan.choose(plan.take(100), new Set(known.map((name) => plan.idOf(object(name)))), left);
  return plan.finish(100);
}

describe('of a page', () => {
  test('new objects become media, with their source, as far as there are places for the import', () => {
    const { run, records } = planned([...three, object('folder/d.jpg')]);
    expect(run).toMatchObject({ found: 4, accepted: 3, skipped: 0, failed: 0, state: 'running' });
    expect(run.upcoming.map(({ name }) => name)).toEqual(['folder/d.jpg']);
    expect(run.working).toEqual(records.map(({ id }) => id));
    expect(records[0]).toMatchObject({
      file_name: 'a.jpg',
      owner_id: 'alice',
      import_id: 'run',
      staging_object: null,
      source: { bucket: 'shop', name: 'a.jpg', generation: '1' },
      status: 'pending',
      queue_state: 'queued',
      wanted: ['describe'],
    });
  });

  test('the file has the last part of the name of its object', () => {
    expect(planned([object('2026/05/d.jpg')]).records[0]?.file_name).toBe('d.jpg');
  });

  test('a name has no sign that hides what it is, and no folder', () => {
    const { run, records } = planned([object('2026/../\u202egpj.\u0000a.jpg')]);
    expect(records[0]?.file_name).toBe('gpj.a.jpg');
    expect(records[0]?.source?.name).toBe('2026/../\u202egpj.\u0000a.jpg');
    expect(run.failures).toEqual([]);
    const refused = planned([object('2026/\u202ea.txt', { content_type: 'text/plain' })]).run;
    expect(refused.failures).toMatchObject([{ name: '2026/a.txt' }]);
    expect(refused.failures[0]?.message).not.toContain('\u202e');
  });

  test('what is known is skipped, and takes no place', () => {
    const { run, records } = planned([...three, object('d.jpg')], ['a.jpg']);
    expect(run).toMatchObject({ found: 4, skipped: 1, accepted: 3 });
    expect(records.map(({ file_name }) => file_name)).toEqual(['b.jpg', 'c.jpg', 'd.jpg']);
  });

  test('another generation is another media, and so is the same object for another user', () => {
    const plan = new ImportPlan(running(), [], LIMITS);
    const others = new ImportPlan(running({ owner_id: 'bob' }), [], LIMITS);
    const id = plan.idOf(object('a.jpg'));
    expect(plan.idOf(object('a.jpg', { size: 7 }))).toBe(id);
    expect(plan.idOf(object('a.jpg', { generation: '2' }))).not.toBe(id);
    expect(others.idOf(object('a.jpg'))).not.toBe(id);
    expect(id).toMatch(/^[A-Za-z0-9]{1,64}$/);
  });

  test.each([
    [
      'of another type',
      object('x/notes.pdf', { content_type: 'application/pdf' }),
      'unsupported_media_type',
    ],
    ['empty', object('x/a.jpg', { size: 0 }), 'empty_file'],
    [
      'too large',
      object('x/a.mp4', { size: 51 * MIB, content_type: 'video/mp4' }),
      'file_too_large',
    ],
    ['compressed', object('x/a.jpg', { content_encoding: 'gzip' }), 'unsupported_media_type'],
  ])('one that is %s is named with its reason, and no media comes of it', (_, bad, code) => {
    const { run, records } = planned([bad, object('b.jpg')]);
    expect(run).toMatchObject({ found: 2, failed: 1, accepted: 1 });
    const message: unknown = expect.stringContaining(bad.name.slice(2));
    expect(run.failures).toEqual([{ name: bad.name, media_id: null, code, message }]);
    expect(records).toHaveLength(1);
  });

  test('one that is larger than a day allows fails, and does not wait for ever', () => {
    const perDay = { bytes: MIB, files: 100 };
    const { run } = planned(
      [object('a.jpg', { size: MIB + 1 })],
      [],
      { ...LIMITS, perDay },
      perDay,
    );
    expect(run).toMatchObject({ failed: 1, state: 'completed' });
  });

  test('a folder of a console is no file', () => {
    const { run } = planned([object('2026/', { size: 0 }), object('2026/a.jpg')]);
    expect(run).toMatchObject({ found: 1, failed: 0, accepted: 1 });
  });

  test('a hundred failures are named, and all are counted', () => {
    const bad = Array.from({ length: 130 }, (_, n) => object(`${n}.jpg`, { size: 0 }));
    const plan = new ImportPlan(running(), [], LIMITS);
    plan.addPage(bad, true);
    plan.choose(plan.take(200), new Set(), LEFT);
    const { run } = plan.finish(0);
    expect(run.failed).toBe(130);
    expect(run.failures).toHaveLength(100);
  });

  test('with the limit of the day reached, the next ones wait, and the import says why', () => {
    for (const left of [
      { bytes: 250, files: 100 },
      { bytes: MIB, files: 2 },
    ]) {
      const { run, nextMs } = planned(three, [], LIMITS, left);
      expect(run).toMatchObject({ accepted: 2, wait_code: 'rate_limited' });
      expect(run.upcoming.map(({ name }) => name)).toEqual(['c.jpg']);
      expect(nextMs).toBe(600_000);
    }
  });
});

describe('of the media that were begun', () => {
  const finish = (records: (MediaRecord | undefined)[], patch: Partial<ImportRecord> = {}) => {
    const working = records.map((record, n) => record?.id ?? `gone${n}`);
    const run = running({ working, accepted: working.length, is_listed: true, ...patch });
    return new ImportPlan(run, records, LIMITS).finish(0);
  };

  test('those that have ended are counted, and a failed one is named', () => {
    const source = { bucket: 'shop', name: '2026/b.jpg', generation: '1' };
    const { run } = finish([
      media('a', { status: 'completed' }),
      media('b', { status: 'failed', error_code: 'media_corrupt', error_message: 'Bad.', source }),
      undefined,
    ]);
    expect(run).toMatchObject({ done: 1, failed: 1, skipped: 1, working: [], state: 'completed' });
    expect(run.failures).toEqual([
      { name: '2026/b.jpg', media_id: 'b', code: 'media_corrupt', message: 'Bad.' },
    ]);
    expect(run.expires_at).not.toBeNull();
    expect(run.due_at).toBeNull();
  });

  test('it is not complete while one is worked on', () => {
    const { run, nextMs } = finish([media('a'), media('b', { status: 'completed' })]);
    expect(run).toMatchObject({ done: 1, working: ['a'], state: 'running', wait_code: null });
    expect(nextMs).toBe(10_000);
  });

  test('one whose task may be lost is told of', () => {
    const old = Timestamp.fromMillis(NOW - 20_000);
    const { stuck } = finish([media('a', { updated_at: old }), media('b')]);
    expect(stuck.map(({ id }) => id)).toEqual(['a']);
  });

  test('if all wait for a service, the import says so, and looks later', () => {
    const retry_at = Timestamp.fromMillis(NOW + 60_000);
    const waits = { wait_code: 'analysis_quota', retry_at } as const;
    const { run, nextMs } = finish([media('a', waits), media('b', waits)]);
    expect(run.wait_code).toBe('analysis_quota');
    expect(nextMs).toBe(60_000);
  });

  test('an import that was cancelled counts on, and ends without another look', () => {
    const cancelled: Partial<ImportRecord> = { state: 'cancelled' };
    expect(finish([media('a')], cancelled)).toMatchObject({ nextMs: 10_000 });
    const { run, nextMs } = finish([media('a', { status: 'completed' })], cancelled);
    expect(run).toMatchObject({ state: 'cancelled', done: 1, working: [] });
    expect(nextMs).toBeUndefined();
  });
});

test('an import that cannot go on pauses with the reason, and keeps its place', () => {
  const plan = new ImportPlan(running({ cursor: 'a.jpg' }), [], LIMITS);
  plan.stop('forbidden', 'Let it in.');
  const { run, nextMs } = plan.finish(0);
  expect(run).toMatchObject({ state: 'paused', error_code: 'forbidden', cursor: 'a.jpg' });
  expect(nextMs).toBeUndefined();
});

test('a step that has read enough is followed by another one at once', () => {
  const plan = new ImportPlan(running(), [], LIMITS);
  plan.cutShort();
  expect(plan.finish(0)).toMatchObject({ nextMs: 0, run: { state: 'running' } });
});
