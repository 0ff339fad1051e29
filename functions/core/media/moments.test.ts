/** The moments at which the store, the view and the end of a delivery call features, with features made for these tests. */
import type { DocumentReference } from '@google-cloud/firestore';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Analytics } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import { openFirestore } from '../../../test/support/firestore.ts';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import { Bin } from '../../features/bin/bin.ts';
import { EarlierResults } from '../../features/results/earlier-results.ts';
import { sendAddress } from '../accept/media-routes.ts';
import { type Delivery, ENDED_MS, type Feature, Moments } from './moments.ts';
import { BIN_COLLECTION, type MediaRecord } from './record.ts';
import { MediaStore } from './store.ts';
import { toMedia } from './view.ts';

const { db } = await openFirestore();

/** A field that the core does not write here, and that stands for one of a feature. */
const NOTE = 'batch_id';
const REFUSED = new AppError('invalid_request', 'Not now.');

/** What the features of a test hang on. */
function open(...features: Partial<Feature>[]) {
  const moments = new Moments(features.map((each, n) => ({ name: `feature ${n}`, ...each })));
  const now = () => NOW + 5_000;
  return {
    moments,
    media: new MediaStore(db, now, moments),
    bin: new Bin(db, now, moments),
    results: new EarlierResults(db, now, moments),
  };
}

const beside = () => db.collection('beside').doc();
const stored = async (id: string) => (await db.doc(`media/${id}`).get()).data();
const isThere = async (ref: DocumentReference) => (await ref.get()).exists;

let count = 0;
async function put(patch: Partial<MediaRecord> = {}): Promise<string> {
  const id = `m${++count}`;
  await db.doc(`media/${id}`).set(mediaRecord({ ...patch, id }));
  return id;
}

const FAILED = {
  status: 'failed',
  object: 'o',
  error_code: 'internal',
  error_message: 'It broke.',
} as const;
const COMPLETED = { status: 'completed', object: 'o', queue_state: null } as const;

describe('again', () => {
  const attempts: [
    string,
    Partial<MediaRecord>,
    (id: string, at: ReturnType<typeof open>) => Promise<unknown>,
  ][] = [
    ['a retry', FAILED, (id, { media }) => media.retry(id, 'alice')],
    [
      'a question',
      COMPLETED,
      (id, { media }) => media.ask(id, 'alice', { name: 'describe', input: {} }, 'waiting'),
    ],
  ];

  test.each(attempts)('changes what %s begins, and writes with it', async (_what, patch, begin) => {
    const other = beside();
    const again: Feature['again'] = (_record, { transaction, by }) => {
      transaction.set(other, { by });
      return { [NOTE]: by };
    };
    const id = await put(patch);
    await begin(id, open({ again }));
    const { by } = (await other.get()).data() ?? {};
    expect(await stored(id)).toMatchObject({ attempts: 2, [NOTE]: by });
  });

  test.each(attempts)(
    'may refuse %s, and then nothing at all is written',
    async (_what, patch, begin) => {
      const other = beside();
      const writes: Feature['again'] = (_record, { transaction }) => {
        transaction.set(other, {});
        return undefined;
      };
      const refuses = () => {
        throw REFUSED;
      };
      const id = await put(patch);
      const before = await stored(id);
      await expect(begin(id, open({ again: writes }, { again: refuses }))).rejects.toBe(REFUSED);
      expect(await stored(id)).toEqual(before);
      expect(await isThere(other)).toBe(false);
    },
  );

  test('of a media that comes back from the bin is told why', async () => {
    const id = await put({ object: 'o' });
    const { bin } = open({ again: (_record, { by }) => ({ [NOTE]: by }) });
    await bin.put([id], 'alice');
    await bin.restore([id], 'alice');
    expect(await stored(id)).toMatchObject({ attempts: 2, [NOTE]: 'return' });
  });
});

describe('derived fields', () => {
  /** Follows from the name and the language of a media. */
  const derived: NonNullable<Feature['derived']> = {
    from: ['file_name', 'language'],
    fields: ['same_as'],
    make: ({ file_name, language }) => ({ same_as: `${file_name} ${language}` }),
  };

  test('are made when a media is created', async () => {
    const { media } = open({ derived });
    const id = media.newId();
    await media.create([mediaRecord({ id, file_name: 'a.jpg' })], media.batch());
    expect(await stored(id)).toMatchObject({ same_as: 'a.jpg en' });
  });

  test('follow what begins an attempt, and what another feature adds to it', async () => {
    const ask = async (language: string | undefined, ...more: Partial<Feature>[]) => {
      const id = await put({ ...COMPLETED, file_name: 'a.jpg' });
      const asking = { name: 'describe', input: {}, language };
      await open({ derived }, ...more).media.ask(id, 'alice', asking, 'waiting');
      return (await stored(id))?.same_as;
    };
    expect(await ask('ja')).toBe('a.jpg ja');
    expect(await ask(undefined, { again: () => ({ file_name: 'b.jpg' }) })).toBe('b.jpg en');
    const id = await put({ ...FAILED, file_name: 'a.jpg' });
    const { media } = open({ derived }, { again: () => ({ language: 'fr' }) });
    await media.retry(id, 'alice');
    expect(await stored(id)).toMatchObject({ same_as: 'a.jpg fr' });
  });

  test('are not in the bin, and are there again afterwards', async () => {
    const id = await put({ ...COMPLETED, file_name: 'a.jpg', same_as: 'a.jpg en' });
    const { bin } = open({ derived });
    await bin.put([id], 'alice');
    const binned = (await db.collection(BIN_COLLECTION).doc(id).get()).data();
    expect(binned).toMatchObject({ file_name: 'a.jpg' });
    expect(binned).not.toHaveProperty('same_as');
    await bin.restore([id], 'alice');
    expect(await stored(id)).toMatchObject({ same_as: 'a.jpg en' });
  });

  test('are made only if one of those changes from which they follow', () => {
    const { moments } = open({ derived });
    const record = mediaRecord({ file_name: 'a.jpg' });
    expect(moments.derive(record, ['progress', 'status'])).toEqual({});
    expect(moments.derive(record, ['progress', 'language'])).toEqual({ same_as: 'a.jpg en' });
  });
});

describe('removing', () => {
  /** Two features: each reads, and then writes. Firestore refuses a transaction that reads after a write. */
  function readThenWrite() {
    const refs = [beside(), beside()];
    const features = refs.map(
      (ref): Partial<Feature> => ({
        removing: async (_record, transaction, how) => {
          const { exists } = await transaction.get(ref);
          return () => {
            transaction.set(ref, { exists, how });
            return { [NOTE]: how };
          };
        },
      }),
    );
    const writtenBy = () => Promise.all(refs.map(async (ref) => (await ref.get()).data()));
    return { features, writtenBy };
  }

  test('writes in the transaction that deletes the document', async () => {
    const { features, writtenBy } = readThenWrite();
    const id = await put();
    await open(...features).media.remove(id, 'alice');
    expect(await stored(id)).toBeUndefined();
    const written = { exists: false, how: 'erased' };
    expect(await writtenBy()).toEqual([written, written]);
  });

  test('writes in the transactions that move it to the bin and erase it there', async () => {
    const { features, writtenBy } = readThenWrite();
    const id = await put(COMPLETED);
    const { bin } = open(...features);
    const [moved] = await bin.put([id], 'alice');
    expect(moved).toMatchObject({ record: { [NOTE]: 'binned' } });
    expect(await bin.get(id, 'alice')).toMatchObject({ [NOTE]: 'binned' });
    expect(await writtenBy()).toMatchObject([{ how: 'binned' }, { how: 'binned' }]);
    await bin.forget(await bin.get(id, 'alice'));
    expect(await writtenBy()).toMatchObject([
      { how: 'erased_from_bin' },
      { how: 'erased_from_bin' },
    ]);
  });

  const no = new Error('no');
  const fails: [string, NonNullable<Feature['removing']>][] = [
    ['when it reads', () => Promise.reject(no)],
    [
      'when it writes',
      async () => () => {
        throw no;
      },
    ],
  ];
  test.each(fails)('that fails %s leaves all as it was', async (_when, removing) => {
    const { features, writtenBy } = readThenWrite();
    const id = await put(COMPLETED);
    const { media, bin } = open(...features, { removing });
    await expect(media.remove(id, 'alice')).rejects.toBe(no);
    await expect(bin.put([id], 'alice')).rejects.toBe(no);
    expect(await stored(id)).toBeDefined();
    expect(await writtenBy()).toEqual([undefined, undefined]);
  });
});

describe('moving', () => {
  type At = ReturnType<typeof open>;
  const ANNOUNCED = { status: 'pending', queue_state: 'announced', staging_object: 's' } as const;
  const ways: [string, Partial<MediaRecord>, (id: string, at: At) => Promise<unknown>, string[]][] =
    [
      [
        'a creation',
        {},
        (id, { media }) => media.create([mediaRecord({ id: `new${id}` })], media.batch()),
        ['accepted'],
      ],
      [
        'an arrival',
        ANNOUNCED,
        (id, { media }) => media.confirm(id, 'alice', 'queued'),
        ['accepted'],
      ],
      ['a removal', COMPLETED, (id, { media }) => media.remove(id, 'alice'), ['erased']],
      [
        'a stay in the bin',
        COMPLETED,
        async (id, { bin }) => {
          await bin.put([id], 'alice');
          await bin.restore([id], 'alice');
        },
        ['binned', 'restored'],
      ],
      [
        'an erasure',
        COMPLETED,
        async (id, { bin }) => {
          const [put] = await bin.put([id], 'alice', { permanently: true });
          if (put && 'record' in put) await bin.forget(put.record);
        },
        ['erased_from_bin'],
      ],
    ];

  test.each(ways)(
    'is part of the commit of %s, and goes on after it',
    async (_way, patch, act, expected) => {
      const id = await put(patch);
      const log = beside();
      const told: string[] = [];
      const moving: Feature['moving'] = async (_record, how) => ({
        change: { [NOTE]: how },
        write: (to) => to.set(log, { how }),
        after: async () => void told.push((await log.get()).get('how')),
      });
      await act(id, open({ moving }));
      expect(told).toEqual(expected);
    },
  );

  test('is undone with a commit that fails', async () => {
    const id = await put();
    const log = beside();
    const after = jest.fn(async () => undefined);
    const write = (to: { set(ref: DocumentReference, document: object): unknown }) =>
      to.set(log, {});
    const { media } = open({ moving: async () => ({ change: {}, write, after }) });
    await expect(media.create([mediaRecord({ id })], media.batch())).rejects.toThrow();
    expect(await isThere(log)).toBe(false);
    expect(after).not.toHaveBeenCalled();
  });
});

describe('keptAt', () => {
  test('keeps the objects of a media for as long as its document is there', async () => {
    const elsewhere = db.collection('elsewhere');
    const { media } = open({}, { keptAt: (id) => elsewhere.doc(id) });
    const id = await put();
    expect(await media.isGone(id)).toBe(false);
    await elsewhere.doc(id).set({});
    await media.ref(id).delete();
    expect(await media.isGone(id)).toBe(false);
    await elsewhere.doc(id).delete();
    expect(await media.isGone(id)).toBe(true);
  });
});

describe('restoring', () => {
  const said = { language: 'en', model: 'm', prompt_version: '1', title: 'A cat' };
  const SAID = { ...said, safety: { verdict: 'safe' } } as Analytics;

  async function replaced(...features: Partial<Feature>[]) {
    const id = await put({ ...COMPLETED, analytics: SAID });
    const { results } = open(...features);
    const keep = await results.keeping((await stored(id)) as MediaRecord, 'describe');
    const batch = db.batch();
    keep?.(batch);
    await batch.commit();
    await db.doc(`media/${id}`).update({ analytics: null });
    const [earlier] = await results.list(id);
    return { id, restore: () => results.restore(id, earlier?.id ?? '', 'alice') };
  }

  test('is told of the description before it is the present one again', async () => {
    let seen: unknown;
    const { id, restore } = await replaced({
      restoring: async (record, analytics) => {
        seen = [(await stored(record.id))?.analytics, analytics];
        return () => undefined;
      },
    });
    await restore();
    expect(seen).toEqual([null, SAID]);
    expect(await stored(id)).toMatchObject({ analytics: SAID });
  });

  test.each<[string, NonNullable<Feature['restoring']>]>([
    ['before', () => Promise.reject(REFUSED)],
    [
      'by a look at the media as it is then',
      async (record) => {
        await db.doc(`media/${record.id}`).update({ [NOTE]: 'meanwhile' });
        return (present) => {
          if (present[NOTE] === 'meanwhile') throw REFUSED;
        };
      },
    ],
  ])('may refuse it %s', async (_when, restoring) => {
    const { id, restore } = await replaced(
      { restoring: async () => () => undefined },
      { restoring },
    );
    await expect(restore()).rejects.toBe(REFUSED);
    expect(await stored(id)).toMatchObject({ analytics: null });
  });
});

describe('what an owner gets', () => {
  test('is shown as each feature changes it, in their order', () => {
    const name = (text: string): Partial<Feature> => ({
      shown: ({ id }, media) => ({ ...media, file_name: `${media.file_name}, ${text} of ${id}` }),
    });
    const { moments } = open(name('one'), {}, name('two'));
    const media = toMedia(mediaRecord({ id: 'm', file_name: 'a.jpg' }), moments);
    expect(media.file_name).toBe('a.jpg, one of m, two of m');
  });

  test('is no address of bytes that a feature refuses', async () => {
    const signed: string[] = [];
    const objects = { signedUrl: async (name: string) => `https://signed/${signed.push(name)}` };
    const record = mediaRecord({ object: 'm1/original', preview_object: 'm1/preview' });
    const { moments } = open({
      serving: (_record, which) => {
        if (which === 'original') throw REFUSED;
      },
    });
    const services = { objects, moments, signedUrlTtlMs: 1_000 } as never;
    const answers: unknown[] = [];
    const response = {
      writeHead: () => response,
      setHeader: () => response,
      end: () => answers.push(1),
    };
    const call = { request: { headers: {} }, response, query: {} } as never;
    await expect(sendAddress(call, record, 'original', services)).rejects.toBe(REFUSED);
    expect(signed).toEqual([]);
    await sendAddress(call, record, 'preview', services);
    expect(signed).toEqual(['m1/preview']);
    expect(answers).toHaveLength(1);
  });

  test.each([
    [{}, 'm1/preview'],
    [{ small_object: null }, 'm1/preview'],
    [{ small_object: 'm1/small' }, 'm1/small'],
  ])('as a small picture is the preview, where there is none: %j', async (stored, shown) => {
    const signed: string[] = [];
    const served: string[] = [];
    const objects = { signedUrl: async (name: string) => `https://signed/${signed.push(name)}` };
    const { moments } = open({ serving: (_record, which) => void served.push(which) });
    const response = { writeHead: () => response, setHeader: () => response, end: () => response };
    const call = { request: { headers: {} }, response, query: { size: 'small' } } as never;
    const services = { objects, moments, signedUrlTtlMs: 1_000 } as never;
    const record = mediaRecord({ preview_object: 'm1/preview', ...stored });
    await sendAddress(call, record, 'preview', services);
    // What holds a preview back holds this one back.
    expect([signed, served]).toEqual([[shown], ['preview']]);
  });
});

describe('the end of a delivery', () => {
  afterEach(() => void jest.useRealTimers());

  const DELIVERY = { record: mediaRecord() } as Delivery;

  test('waits for each feature, and names one that fails', async () => {
    const slow = Promise.withResolvers<void>();
    const errors: object[] = [];
    const moments = new Moments(
      [
        {
          name: 'throws',
          ended: () => {
            throw new Error('at once');
          },
        },
        { name: 'fails', ended: () => Promise.reject(new Error('later')) },
        { name: 'slow', ended: () => slow.promise },
      ],
      { error: (fields: object) => void errors.push(fields) },
    );
    let isOver = false;
    const ended = moments.ended(DELIVERY, new AbortController().signal).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    slow.resolve();
    await ended;
    expect(errors).toMatchObject([{ feature: 'throws' }, { feature: 'fails' }]);
  });

  test('is not kept by a feature that hangs longer than it may', async () => {
    jest.useFakeTimers();
    const errors: object[] = [];
    const hangs = { name: 'hangs', ended: () => new Promise<void>(() => undefined) };
    const moments = new Moments([hangs], { error: (fields: object) => void errors.push(fields) });
    let isOver = false;
    const ended = moments.ended(DELIVERY, new AbortController().signal).then(() => {
      isOver = true;
    });
    await jest.advanceTimersByTimeAsync(ENDED_MS - 1);
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await ended;
    expect(errors).toMatchObject([{ feature: 'hangs' }]);
  });
});
