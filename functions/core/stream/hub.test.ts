import { Timestamp } from '@google-cloud/firestore';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import { createLogger } from '../../process/log.ts';
import { NO_FEATURES } from '../media/moments.ts';
import { type MediaRecord, SCHEMA_VERSION } from '../media/record.ts';
import type { MediaState } from './events.ts';
import { Hub, type Listen, showMedia } from './hub.ts';

type Snapshot = Parameters<Parameters<Listen>[2]>[0];

/** A listener that the hub opened, controlled by the test. */
interface Opened {
  ownerId: string;
  ids: string[];
  stopped: boolean;
  /** The result of the query now: the snapshot has the changes since the last one. */
  show(...records: MediaRecord[]): void;
  die(): void;
}

let hub: Hub;
let opened: Opened[];

const listen: Listen = (ownerId, ids, onSnapshot, onError) => {
  let held = new Map<string, MediaRecord>();
  const asDoc = (record: MediaRecord) => ({ id: record.id, data: () => record });
  const listener: Opened = {
    ownerId,
    ids,
    stopped: false,
    show: (...records) => {
      const now = new Map(records.map((record) => [record.id, record]));
      const gone = [...held.values()].filter(({ id }) => !now.has(id));
      const news = records.filter((record) => held.get(record.id) !== record);
      const changes = [
        ...gone.map((record) => ({ type: 'removed', doc: asDoc(record) })),
        ...news.map((record) => ({
          type: held.has(record.id) ? 'modified' : 'added',
          doc: asDoc(record),
        })),
      ];
      held = now;
      const snapshot = { docs: records.map(asDoc), docChanges: () => changes };
      onSnapshot(snapshot as unknown as Snapshot);
    },
    die: () => onError(new Error('14 UNAVAILABLE')),
  };
  opened.push(listener);
  return () => {
    listener.stopped = true;
  };
};

function listener(n: number): Opened {
  const found = opened[n];
  if (!found) throw new Error(`Only ${opened.length} listeners were opened.`);
  return found;
}

/** A subscriber that records its calls. */
function recorder() {
  const told: [string, MediaState][] = [];
  return {
    told,
    take: (id: string, state: MediaState) => void told.push([id, state]),
    summary: () => told.map(([id, state]) => `${id} ${summary(state)}`),
  };
}

function summary(state: MediaState): string {
  if (state.kind === 'absent') return state.known ? 'removed' : 'unknown';
  if (state.kind === 'unreadable') return 'unreadable';
  return `${state.status} r${/^id: (\d+)/m.exec(state.event.toString())?.[1]}`;
}

const idsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => `m${first + n}`);

beforeEach(() => {
  jest.useFakeTimers();
  opened = [];
  hub = new Hub({
    show: showMedia(NO_FEATURES),
    listen,
    logger: createLogger('test', 'silent'),
    random: () => 1,
  });
});
afterEach(() => {
  hub.close();
  jest.useRealTimers();
});

describe('a subscriber', () => {
  test('gets the state of each id, then each change', () => {
    const { take, summary } = recorder();
    hub.subscribe('alice', ['m1'], take);
    listener(0).show(mediaRecord());
    listener(0).show(mediaRecord({ status: 'uploading', revision: 2 }));
    expect(summary()).toEqual(['m1 pending r1', 'm1 uploading r2']);
  });

  test('the age of a change is recorded, the age of a first state is not', () => {
    const written: number[] = [];
    const onPush = (writtenAtMs: number) => void written.push(writtenAtMs);
    const counting = new Hub({
      show: showMedia(NO_FEATURES),
      listen,
      logger: createLogger('test', 'silent'),
      onPush,
    });
    counting.subscribe('alice', ['m1'], recorder().take);
    listener(0).show(mediaRecord());
    const updated_at = Timestamp.fromMillis(NOW + 5);
    const change = mediaRecord({ status: 'uploading', revision: 2, updated_at });
    listener(0).show(change);
    // A listener that was opened again does this.
    listener(0).show({ ...change });
    counting.close();
    expect(written).toEqual([NOW + 5]);
  });

  test('gets "unknown" for an id that the query does not return', () => {
    const { take, summary } = recorder();
    hub.subscribe('alice', ['m1', 'm2'], take);
    expect(listener(0)).toMatchObject({ ownerId: 'alice', ids: ['m1', 'm2'] });
    listener(0).show(mediaRecord({ id: 'm2' }));
    expect(summary()).toEqual(['m2 pending r1', 'm1 unknown']);
  });

  test('gets "removed" for a media that is deleted while it is watched', () => {
    const { take, summary } = recorder();
    hub.subscribe('alice', ['m1'], take);
    listener(0).show(mediaRecord());
    listener(0).show();
    expect(summary()).toEqual(['m1 pending r1', 'm1 removed']);
  });

  test('is told what a later release has written, if it can be shown', () => {
    const { take, summary } = recorder();
    const later = { schema_version: SCHEMA_VERSION + 1 };
    const strange = { ...later, revision: 3, status: 'dreaming' as MediaRecord['status'] };
    hub.subscribe('alice', ['m1', 'm2'], take);
    listener(0).show(mediaRecord(later), mediaRecord({ id: 'm2', ...strange }));
    // The last state that could be shown stays, and the process goes on.
    listener(0).show(mediaRecord(strange), mediaRecord({ id: 'm2', revision: 4 }));
    expect(summary()).toEqual(['m1 pending r1', 'm2 unreadable', 'm2 pending r4']);
  });

  test('gets the state of an unknown id as soon as its media is created', () => {
    const { take, summary } = recorder();
    hub.subscribe('alice', ['m1'], take);
    listener(0).show();
    listener(0).show(mediaRecord());
    expect(summary()).toEqual(['m1 unknown', 'm1 pending r1']);
  });

  test('gets the same event as the others: it is formatted once', () => {
    const [first, second] = [recorder(), recorder()];
    hub.subscribe('alice', ['m1'], first.take);
    hub.subscribe('alice', ['m1'], second.take);
    listener(0).show(mediaRecord());
    const [a, b] = [first.told[0]?.[1], second.told[0]?.[1]];
    if (a?.kind !== 'present' || b?.kind !== 'present') throw new Error('not present');
    expect(a.event).toBe(b.event);
  });

  test('gets nothing more after it has unsubscribed', () => {
    const [leaving, staying] = [recorder(), recorder()];
    const leave = hub.subscribe('alice', ['m1'], leaving.take);
    hub.subscribe('alice', ['m1'], staying.take);
    leave();
    listener(0).show(mediaRecord());
    expect(leaving.told).toEqual([]);
    expect(staying.summary()).toEqual(['m1 pending r1']);
  });
});

describe('listeners', () => {
  test('one serves 30 ids', () => {
    hub.subscribe('alice', idsFrom(0, 61), recorder().take);
    expect(opened.map(({ ids }) => ids.length)).toEqual([30, 30, 1]);
  });

  test('connections of one owner share them, and a late one gets the state at once', () => {
    hub.subscribe('alice', ['m1', 'm2'], recorder().take);
    listener(0).show(mediaRecord(), mediaRecord({ id: 'm2' }));
    const late = recorder();
    hub.subscribe('alice', ['m2', 'm3'], late.take);
    expect(opened.map(({ ids }) => ids)).toEqual([['m1', 'm2'], ['m3']]);
    expect(late.summary()).toEqual(['m2 pending r1']);
  });

  test('two owners share none, also for the same id', () => {
    hub.subscribe('alice', ['m1'], recorder().take);
    const mallory = recorder();
    hub.subscribe('mallory', ['m1'], mallory.take);
    listener(0).show(mediaRecord());
    listener(1).show();
    expect(mallory.summary()).toEqual(['m1 unknown']);
  });

  test('only the last subscriber of the last id closes one', () => {
    const leave1 = hub.subscribe('alice', ['m1', 'm2'], recorder().take);
    const leave2 = hub.subscribe('alice', ['m2'], recorder().take);
    leave1();
    expect(listener(0).stopped).toBe(false);
    leave2();
    expect(listener(0).stopped).toBe(true);
    leave2();
    hub.subscribe('alice', ['m2'], recorder().take);
    expect(opened).toHaveLength(2);
  });

  test('an id that is watched again gets its states from its new listener only', () => {
    const leave = hub.subscribe('alice', ['m1', 'm2'], recorder().take);
    hub.subscribe('alice', ['m2'], recorder().take);
    leave();
    const { take, summary } = recorder();
    hub.subscribe('alice', ['m1'], take);
    listener(1).show(mediaRecord({ revision: 9, status: 'completed' }));
    listener(1).show();
    // Its query still has both ids.
    listener(0).show(mediaRecord(), mediaRecord({ id: 'm2' }));
    expect(summary()).toEqual(['m1 completed r9', 'm1 removed']);
  });

  test('a caller without a possible id does not end the subscriptions of others', () => {
    const leaveNothing = hub.subscribe('alice', [], recorder().take);
    hub.subscribe('alice', ['m1'], recorder().take)();
    const { take, summary } = recorder();
    hub.subscribe('alice', ['m1'], take);
    leaveNothing();
    listener(1).show(mediaRecord());
    expect(summary()).toEqual(['m1 pending r1']);
  });

  test('closing the hub closes all of them, also the dead ones', () => {
    hub.subscribe('alice', ['m1'], recorder().take);
    hub.subscribe('bob', ['m2'], recorder().take);
    listener(1).die();
    hub.close();
    jest.advanceTimersByTime(3_600_000);
    expect(opened.map(({ stopped }) => stopped)).toEqual([true, true]);
  });
});

describe('a listener that dies', () => {
  test('is opened again, and reports the changes and deletions in between, each once', () => {
    const { take, summary, told } = recorder();
    hub.subscribe('alice', ['m1', 'm2', 'm3'], take);
    listener(0).show(...['m1', 'm2', 'm3'].map((id) => mediaRecord({ id, revision: 4 })));
    told.length = 0;
    listener(0).die();
    jest.advanceTimersByTime(100);
    listener(1).show(
      mediaRecord({ id: 'm1', revision: 6, status: 'analyzing' }),
      mediaRecord({ id: 'm2', revision: 4 }),
    );
    expect(summary()).toEqual(['m1 analyzing r6', 'm3 removed']);
  });

  test('and comes back with an older state does not send it', () => {
    const { take, summary } = recorder();
    hub.subscribe('alice', ['m1'], take);
    listener(0).show(mediaRecord({ revision: 5, status: 'analyzing' }));
    listener(0).die();
    jest.advanceTimersByTime(100);
    listener(1).show(mediaRecord({ revision: 4, status: 'uploading' }));
    listener(1).show(mediaRecord({ revision: 6, status: 'completed' }));
    expect(summary()).toEqual(['m1 analyzing r5', 'm1 completed r6']);
  });

  test('is opened again for the ids that are still watched', () => {
    const leave = hub.subscribe('alice', ['m1', 'm2'], recorder().take);
    hub.subscribe('alice', ['m2'], recorder().take);
    listener(0).die();
    leave();
    jest.advanceTimersByTime(100);
    expect(listener(1).ids).toEqual(['m2']);
  });

  test('is not opened again if no id is watched', () => {
    const leave = hub.subscribe('alice', ['m1'], recorder().take);
    listener(0).die();
    leave();
    jest.advanceTimersByTime(60_000);
    expect(opened).toHaveLength(1);
  });

  test('again and again is opened less and less often, at last every 5 s, until it works', () => {
    hub.subscribe('alice', ['m1'], recorder().take);
    const waits: number[] = [];
    const dieAndWait = () => {
      const before = opened.length;
      const since = Date.now();
      listener(before - 1).die();
      while (opened.length === before) jest.advanceTimersByTime(50);
      waits.push(Date.now() - since);
    };
    for (let n = 0; n < 8; n++) dieAndWait();
    listener(opened.length - 1).show(mediaRecord());
    dieAndWait();
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 100]);
  });
});
