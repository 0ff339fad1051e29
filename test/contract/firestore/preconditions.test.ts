import { type DocumentData, type DocumentReference, Timestamp } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { codeOf, GrpcStatus, openFirestore } from '../../support/firestore.ts';

const { collection } = await openFirestore();

const dataOf = async (ref: DocumentReference) => (await ref.get()).data();
const written = async (data: DocumentData) => {
  const ref = collection().doc();
  const result = await ref.set(data);
  return { ref, time: result.writeTime };
};

describe('what a write requires', () => {
  test('create succeeds once, and the loser changes nothing', async () => {
    const ref = collection().doc();
    await ref.create({ first: true });
    expect(await codeOf(ref.create({ second: true }))).toBe(GrpcStatus.ALREADY_EXISTS);
    expect(await dataOf(ref)).toEqual({ first: true });
  });

  test('of ten creates at once exactly one wins', async () => {
    const ref = collection().doc();
    const codes = await Promise.all(
      Array.from({ length: 10 }, (_, n) => codeOf(ref.create({ n }))),
    );
    expect(codes.filter((code) => code === 'succeeded')).toHaveLength(1);
    expect(codes.filter((code) => code === GrpcStatus.ALREADY_EXISTS)).toHaveLength(9);
    expect(await dataOf(ref)).toEqual({ n: codes.indexOf('succeeded') });
  });

  test('a deleted document can be created again', async () => {
    const { ref } = await written({ a: 1 });
    await ref.delete();
    await ref.create({ b: 2 });
    expect(await dataOf(ref)).toEqual({ b: 2 });
  });

  test('update needs a document and does not create one', async () => {
    const ref = collection().doc();
    expect(await codeOf(ref.update({ a: 1 }))).toBe(GrpcStatus.NOT_FOUND);
    expect((await ref.get()).exists).toBe(false);
  });

  test('lastUpdateTime lets one of two writers through', async () => {
    const { ref, time } = await written({ n: 0 });
    await ref.update({ n: 1 }, { lastUpdateTime: time });
    const late = ref.update({ n: 2 }, { lastUpdateTime: time });
    expect(await codeOf(late)).toBe(GrpcStatus.FAILED_PRECONDITION);
    expect(await dataOf(ref)).toEqual({ n: 1 });
  });

  test('lastUpdateTime guards a delete', async () => {
    const { ref, time } = await written({ n: 0 });
    const earlier = new Timestamp(time.seconds - 1, time.nanoseconds);
    const stale = ref.delete({ lastUpdateTime: earlier });
    expect(await codeOf(stale)).toBe(GrpcStatus.FAILED_PRECONDITION);
    expect((await ref.get()).exists).toBe(true);
    await ref.delete({ lastUpdateTime: time });
    expect((await ref.get()).exists).toBe(false);
  });

  test('a delete without precondition may meet a missing document', async () => {
    await expect(collection().doc().delete()).resolves.toBeDefined();
  });

  test('exists: true makes deleting a missing document fail', async () => {
    const { ref } = await written({});
    await ref.delete({ exists: true });
    expect(await codeOf(ref.delete({ exists: true }))).toBe(GrpcStatus.NOT_FOUND);
  });
});

describe('times', () => {
  test('each write of a document is later than the one before', async () => {
    const ref = collection().doc();
    const times: string[] = [];
    for (let n = 0; n < 20; n++) times.push((await ref.set({ n })).writeTime.valueOf());
    expect(times).toEqual(times.toSorted());
    expect(new Set(times).size).toBe(times.length);
  });

  test('a later commit to another document is later too', async () => {
    const first = await written({});
    const second = await written({});
    expect(second.time.valueOf() > first.time.valueOf()).toBe(true);
  });

  test('updateTime is the time of the last write, createTime that of the first', async () => {
    const { ref, time: created } = await written({ n: 0 });
    const fresh = await ref.get();
    expect(fresh.createTime).toEqual(created);
    expect(fresh.updateTime).toEqual(created);
    const { writeTime } = await ref.set({ n: 1 });
    const changed = await ref.get();
    expect(changed.createTime).toEqual(created);
    expect(changed.updateTime).toEqual(writeTime);
    expect(changed.readTime.valueOf() >= writeTime.valueOf()).toBe(true);
  });

  test('a document made anew after its deletion has a new createTime', async () => {
    const { ref, time } = await written({ n: 0 });
    await ref.delete();
    const { writeTime } = await ref.set({ n: 0 });
    const snapshot = await ref.get();
    expect(snapshot.createTime).toEqual(writeTime);
    expect(writeTime.valueOf() > time.valueOf()).toBe(true);
  });

  // WriteResult.update_time: the previous one if the write did not change the document.
  test('a write that changes nothing keeps updateTime', async () => {
    const { ref, time } = await written({ a: 1, b: [{ c: 'd' }] });
    const same = await ref.set({ b: [{ c: 'd' }], a: 1 });
    const alsoSame = await ref.update({ a: 1 });
    expect([same.writeTime, alsoSame.writeTime]).toEqual([time, time]);
    expect((await ref.get()).updateTime).toEqual(time);
  });

  test('a missing document has a read time and no other', async () => {
    const snapshot = await collection().doc().get();
    expect(snapshot.exists).toBe(false);
    expect(snapshot.data()).toBeUndefined();
    expect(snapshot.createTime).toBeUndefined();
    expect(snapshot.updateTime).toBeUndefined();
    expect(snapshot.readTime).toBeInstanceOf(Timestamp);
  });
});
