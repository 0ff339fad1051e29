/** The stream of a whole library: what another caller of the same owner sends, edits, deletes and brings back is told. */
import { readFile } from 'node:fs/promises';
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { problemSchema } from '@media-analysis/shared/errors';
import { type Media, mediaSchema } from '@media-analysis/shared/media';
import { indexesSchema } from '../../local-cloud/firestore/query/indexes.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';
import { orHang } from '../support/hang-limit.ts';
import { ordinary, shelve } from '../support/library.ts';
import {
  client,
  databaseOf,
  file,
  readEvents,
  type Stack,
  type StreamEvent,
  startStack,
  tokenOf,
} from '../support/stack.ts';

let stack: Stack;
let db: Firestore;
beforeAll(async () => {
  stack = await startStack();
  db = databaseOf(stack);
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
});

type Caller = ReturnType<typeof client>;

/** A stream that is open, and what it has sent. */
class Live {
  readonly events: StreamEvent[] = [];
  readonly ended: Promise<void>;
  readonly #leave = new AbortController();
  readonly #checks = new Set<() => void>();

  private constructor(events: AsyncIterable<StreamEvent>, leave: AbortController) {
    this.#leave = leave;
    this.ended = this.#read(events);
  }

  static async open(who: Caller, query = '', headers: Record<string, string> = {}): Promise<Live> {
    const leave = new AbortController();
    const init = { headers, signal: leave.signal };
    const response = await who.call(`/api/media/stream${query}`, init);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    const live = new Live(readEvents(response), leave);
    open.add(live);
    await live.until(({ event }) => event === 'since');
    return live;
  }

  /** The first event of which this is true. */
  until(accept: (event: StreamEvent) => boolean): Promise<StreamEvent> {
    const found = new Promise<StreamEvent>((resolve) => {
      const check = () => {
        const event = this.events.find(accept);
        if (!event) return;
        this.#checks.delete(check);
        resolve(event);
      };
      this.#checks.add(check);
      check();
    });
    return orHang(found, 'an event');
  }

  untilMedia(accept: (media: Media) => boolean): Promise<StreamEvent> {
    return this.until(({ event, data }) => event === undefined && accept(mediaSchema.parse(data)));
  }

  untilRemoved(id: string): Promise<StreamEvent> {
    return this.until(
      ({ event, data }) => event === 'removed' && (data as { media_id: string }).media_id === id,
    );
  }

  get since(): string {
    return (this.events[0] as { data: { since: string } }).data.since;
  }

  /** The position after the last event. */
  get position(): string {
    return this.events.at(-1)?.id ?? '';
  }

  async close(): Promise<void> {
    this.#leave.abort();
    await this.ended;
  }

  async #read(events: AsyncIterable<StreamEvent>): Promise<void> {
    try {
      for await (const event of events) {
        this.events.push(event);
        for (const check of [...this.#checks]) check();
      }
    } catch (error) {
      if (!this.#leave.signal.aborted) throw error;
    }
  }
}

const open = new Set<Live>();
afterEach(async () => {
  for (const live of open) await live.close();
  open.clear();
});

/** The same owner twice: as on two devices. */
async function twoDevices(owner: string): Promise<[Caller, Caller]> {
  return [client(stack, await tokenOf(stack, owner)), client(stack, await tokenOf(stack, owner))];
}

const since = (time: string | number) => `?since=${new Date(time).toISOString()}`;

async function sendPhoto(who: Caller, name = '02-cat.png'): Promise<string> {
  const { media_ids } = await who.analyze([await file(name)]);
  return media_ids[0] ?? '';
}

const remove = (who: Caller, id: string, query = '') =>
  who.call(`/api/media/${id}${query}`, { method: 'DELETE' });
const restore = (who: Caller, id: string) =>
  who.call(`/api/media/${id}/restore`, { method: 'POST' });
const edit = (who: Caller, id: string, title: string) =>
  who.call(`/api/media/${id}`, { method: 'PATCH', body: JSON.stringify({ title }) });

test('tells what another caller sends, edits, deletes and brings back', async () => {
  const [phone, desk] = await twoDevices('alice');
  const live = await Live.open(desk);
  const id = await sendPhoto(phone);
  await live.untilMedia((media) => media.id === id && media.status === 'completed');
  await edit(phone, id, 'Zeppelin');
  await live.untilMedia((media) => media.analytics?.title === 'Zeppelin');
  await remove(phone, id);
  await live.untilRemoved(id);
  await restore(phone, id);
  const { revision } = await phone.get(id);
  const back = await live.untilMedia((media) => media.id === id && media.revision === revision);
  expect(live.events.indexOf(back)).toBeGreaterThan(
    live.events.indexOf(await live.untilRemoved(id)),
  );
  // No state is told after a newer one.
  const revisions = live.events.flatMap(({ event, data }) =>
    event === undefined ? [(data as Media).revision] : [],
  );
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
});

test('goes on where an earlier one stood, and tells what was missed', async () => {
  const [phone, desk] = await twoDevices('ben');
  const [edited, deleted, back] = [
    await sendPhoto(phone),
    await sendPhoto(phone, '05-dogs.jpg'),
    await sendPhoto(phone, '03-coffee.webp'),
  ];
  await phone.results([edited, deleted, back]);
  // The last of an owner's changes must be told before the position is taken.
  const first = await Live.open(desk, since(Date.now() - 600_000));
  for (const id of [edited, deleted, back]) {
    await first.untilMedia((media) => media.id === id && media.status === 'completed');
  }
  const { position } = first;
  await first.close();
  await edit(phone, edited, 'Zeppelin');
  for (const id of [deleted, back]) await remove(phone, id);
  await restore(phone, back);
  const added = await sendPhoto(phone, '06-osprey.jpg');
  const { revision } = await phone.get(back);

  const second = await Live.open(desk, since(position));
  expect(second.since).toBe(position);
  await second.untilMedia((media) => media.analytics?.title === 'Zeppelin');
  await second.untilRemoved(deleted);
  await second.untilMedia((media) => media.id === back && media.revision === revision);
  await second.untilMedia((media) => media.id === added);
  // As an EventSource comes back.
  const third = await Live.open(desk, since(Date.now() - 3_000_000), { 'Last-Event-ID': position });
  expect(third.since).toBe(position);
});

test('of more than an hour ago it says that something was missed', async () => {
  const [phone, desk] = await twoDevices('cleo');
  const before = Date.now();
  const live = await Live.open(desk, since(before - 3_700_000));
  expect(Date.parse(live.since)).toBeGreaterThanOrEqual(before);
  const id = await sendPhoto(phone);
  await live.untilMedia((media) => media.id === id);
});

test('tells of what is erased at once, new or from long ago', async () => {
  const [phone, desk] = await twoDevices('dora');
  const [old = ''] = await shelve(db, 'dora', [ordinary(1)]);
  const live = await Live.open(desk);
  const id = await sendPhoto(phone);
  await live.untilMedia((media) => media.id === id && media.status === 'completed');
  for (const each of [id, old]) {
    expect((await remove(phone, each, '?permanently=true')).status).toBe(204);
    await live.untilRemoved(each);
  }
});

test('tells 1,100 changes while it is open, and says afterwards that these are too many to be told again', async () => {
  const [, desk] = await twoDevices('emil');
  const before = Date.now();
  const live = await Live.open(desk);
  const ids = await shelve(
    db,
    'emil',
    Array.from({ length: 1_100 }, (_, n) => ordinary(n)),
  );
  for (let start = 0; start < ids.length; start += 400) {
    const batch = db.batch();
    for (const id of ids.slice(start, start + 400)) {
      batch.update(db.doc(`media/${id}`), { revision: 2, updated_at: Timestamp.now() });
    }
    await batch.commit();
  }
  // In no certain order: of what changes while the reader is busy, the newest state comes later.
  const missing = new Set(ids);
  await live.until(({ event, data }) => {
    const { id, revision } = data as Media;
    if (event === undefined && revision === 2) missing.delete(id);
    return missing.size === 0;
  });
  const again = await Live.open(desk, since(before));
  expect(Date.parse(again.since)).toBeGreaterThan(before);
});

test('while its index is built it says so, and goes on being asked', async () => {
  const indexes = indexesSchema.parse(
    JSON.parse(await readFile(new URL('../../firestore.indexes.json', import.meta.url), 'utf8')),
  );
  const all = [...indexes.indexes];
  const isOfTimes = ({ fields }: (typeof all)[number]) =>
    fields[0]?.fieldPath === 'owner_id' && fields[1]?.fieldPath === 'updated_at';
  indexes.indexes = all.filter((index) => !isOfTimes(index));
  expect(indexes.indexes).toHaveLength(all.length - 1);
  const { host, port, ...service } = await startFirestore({ indexes });
  const { FIRESTORE_EMULATOR_HOST: before } = process.env;
  process.env.FIRESTORE_EMULATOR_HOST = `${host}:${port}`;
  const building = await startStack();
  try {
    const alice = client(building, await tokenOf(building, 'alice'));
    const response = await alice.call('/api/media/stream');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60']);
    const { code, detail } = problemSchema.parse(await response.json());
    expect([code, detail]).toEqual(['unavailable', expect.stringContaining('index')]);
    indexes.indexes = all;
    await (await Live.open(alice)).close();
  } finally {
    if (before === undefined) delete process.env.FIRESTORE_EMULATOR_HOST;
    else process.env.FIRESTORE_EMULATOR_HOST = before;
    await building.close();
    await service.close();
  }
});
