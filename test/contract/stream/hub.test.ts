import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NO_FEATURES } from '../../../functions/core/media/moments.ts';
import type { MediaRecord } from '../../../functions/core/media/record.ts';
import type { MediaState } from '../../../functions/core/stream/events.ts';
import { Hub, type Listen, showMedia } from '../../../functions/core/stream/hub.ts';
import { createListener } from '../../../functions/core/stream/listen.ts';
import { createLogger } from '../../../functions/process/log.ts';
import { openFirestore, range } from '../../support/firestore.ts';
import { orHang } from '../../support/hang-limit.ts';
import { mediaRecord } from '../../support/media.ts';

const { db, collection } = await openFirestore();
const logger = createLogger('test', 'silent');

let media: ReturnType<typeof collection>;
let hub: Hub;
/** Listeners that the hub has open, and how to kill them. */
let open: Set<{ die: () => void }>;
/** How many it ever opened. */
let opened: number;
/** Whether Firestore can be listened to. */
let isReachable: boolean;

beforeEach(() => {
  media = collection();
  open = new Set();
  opened = 0;
  isReachable = true;
  const real = createListener(media);
  const listen: Listen = (ownerId, ids, onSnapshot, onError) => {
    opened++;
    const stop = isReachable ? real(ownerId, ids, onSnapshot, onError) : () => undefined;
    const listener = {
      die: () => {
        stop();
        open.delete(listener);
        onError(new Error('14 UNAVAILABLE'));
      },
    };
    open.add(listener);
    if (!isReachable) setImmediate(listener.die);
    return () => {
      open.delete(listener);
      stop();
    };
  };
  hub = new Hub({ show: showMedia(NO_FEATURES), listen, logger });
});
afterEach(() => hub.close());

const write = (patch: Partial<MediaRecord>) => {
  const record = mediaRecord(patch);
  return media.doc(record.id).set(record);
};

/** A subscriber that remembers, and can be waited for. */
class Recorder {
  readonly told: string[] = [];
  #check: () => void = () => undefined;

  readonly take = (id: string, state: MediaState): void => {
    this.told.push(`${id} ${summary(state)}`);
    this.#check();
  };

  async until(...expected: string[]): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      this.#check = () => {
        if (expected.every((each) => this.told.includes(each))) resolve();
      };
    });
    this.#check();
    await orHang(arrived, `${expected} in ${this.told}`);
  }
}

function summary(state: MediaState): string {
  if (state.kind === 'absent') return state.known ? 'removed' : 'unknown';
  if (state.kind === 'unreadable') return 'unreadable';
  return `${state.status} r${/^id: (\d+)/m.exec(state.event.toString())?.[1]}`;
}

function watch(ids: string[], owner = 'alice') {
  const recorder = new Recorder();
  return { recorder, leave: hub.subscribe(owner, ids, recorder.take) };
}

describe('through Firestore', () => {
  test('a subscriber learns the state, each change, and the deletion', async () => {
    await write({ id: 'm1' });
    const { recorder } = watch(['m1']);
    await recorder.until('m1 pending r1');
    await write({ id: 'm1', status: 'uploading', revision: 2 });
    await recorder.until('m1 uploading r2');
    await media.doc('m1').delete();
    await recorder.until('m1 removed');
    expect(recorder.told).toEqual(['m1 pending r1', 'm1 uploading r2', 'm1 removed']);
  });

  test('ids that are unknown or somebody else’s are the same nothing', async () => {
    await write({ id: 'm1' });
    await write({ id: 'theirs', owner_id: 'bob' });
    const { recorder } = watch(['m1', 'theirs', 'nobodys']);
    await recorder.until('m1 pending r1', 'theirs unknown', 'nobodys unknown');
    await write({ id: 'theirs', owner_id: 'bob', revision: 2 });
    await write({ id: 'm1', revision: 2 });
    await recorder.until('m1 pending r2');
    expect(recorder.told).toHaveLength(4);
  });

  test('a media that comes into being while it is watched is told of', async () => {
    const { recorder } = watch(['m1']);
    await recorder.until('m1 unknown');
    await write({ id: 'm1' });
    await recorder.until('m1 pending r1');
  });

  test('a hundred ids are watched by four listeners, which end with their subscriber', async () => {
    const ids = range(100).map((n) => `m${n}`);
    const batch = db.batch();
    for (const id of ids) batch.set(media.doc(id), mediaRecord({ id }));
    await batch.commit();
    const [one, two] = [watch(ids), watch(ids)];
    for (const { recorder } of [one, two]) {
      await recorder.until(...ids.map((id) => `${id} pending r1`));
      expect(recorder.told).toHaveLength(100);
    }
    expect(opened).toBe(4);
    one.leave();
    expect(open.size).toBe(4);
    two.leave();
    expect(open.size).toBe(0);
  });
});

describe('a listener that dies', () => {
  test('is replaced, and what was missed is told: a change, a deletion, a birth, and nothing twice', async () => {
    for (const id of ['changed', 'deleted', 'same']) await write({ id });
    const { recorder } = watch(['changed', 'deleted', 'same', 'born']);
    await recorder.until('same pending r1', 'born unknown');
    isReachable = false;
    for (const listener of open) listener.die();
    await write({ id: 'changed', status: 'completed', revision: 5 });
    await media.doc('deleted').delete();
    await write({ id: 'born' });
    isReachable = true;
    await recorder.until('changed completed r5', 'deleted removed', 'born pending r1');
    expect(recorder.told).toHaveLength(4 + 3);
  });

  test('does not keep anybody from what others watch', async () => {
    const id = randomUUID().replaceAll('-', '');
    await write({ id });
    const first = watch([id]);
    await first.recorder.until(`${id} pending r1`);
    isReachable = false;
    for (const listener of open) listener.die();
    const late = watch([id]);
    expect(late.recorder.told).toEqual([`${id} pending r1`]);
    isReachable = true;
    await write({ id, status: 'completed', revision: 2 });
    for (const { recorder } of [first, late]) await recorder.until(`${id} completed r2`);
  });
});
