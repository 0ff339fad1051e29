/** How Google's web clients write: over a stream, and with a look at what a transaction has only read. */
import { type DocumentReference, Timestamp } from '@google-cloud/firestore';
import { type ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import type {
  Precondition,
  Write,
  WriteRequest,
  WriteResponse,
} from '../../../local-cloud/firestore/wire.ts';
import { codeOf, GrpcStatus, openFirestore, openRawClient } from '../../support/firestore.ts';

const { address, database, collection } = await openFirestore();
const client = openRawClient(address);

/** As the clients of an emulator say that its access rules are not for them. */
function owner(): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', 'Bearer owner');
  metadata.set('google-cloud-resource-prefix', database);
  return metadata;
}

const nameOf = ({ path }: DocumentReference) => `${database}/documents/${path}`;

function setTo(ref: DocumentReference, text: string): Write {
  const fields = { text: { valueType: 'stringValue', stringValue: text } } as const;
  return { operation: 'update', update: { name: nameOf(ref), fields }, updateTransforms: [] };
}

function verify(ref: DocumentReference, currentDocument: Precondition): Write {
  return { operation: 'verify', verify: nameOf(ref), updateTransforms: [], currentDocument };
}

function commit(...writes: Write[]): Promise<{ writeResults: unknown[] }> {
  return new Promise((resolve, reject) => {
    client.Commit?.({ database, writes }, owner(), (error: Error | null, answer: never) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

interface Stream {
  send(request: Partial<WriteRequest>): void;
  /** The next answer; fails when the stream does. */
  next(): Promise<WriteResponse>;
  end(): void;
}

function openStream(): Stream {
  const call: ClientDuplexStream<Partial<WriteRequest>, WriteResponse> = client.Write?.(owner());
  const answers = call[Symbol.asyncIterator]();
  return {
    send: (request) => call.write({ writes: [], ...request }),
    next: async () => (await answers.next()).value,
    end: () => call.end(),
  };
}

/** A stream after its first answer. */
async function started(): Promise<{ stream: Stream; first: WriteResponse }> {
  const stream = openStream();
  stream.send({ database });
  return { stream, first: await stream.next() };
}

const textOf = async (ref: DocumentReference) => (await ref.get()).get('text');

describe('a write stream', () => {
  test('answers its first request with a token, and each commit with results and a time', async () => {
    const [a, b] = [collection().doc(), collection().doc()];
    const { stream, first } = await started();
    expect(first.writeResults).toEqual([]);
    expect(first.streamToken.length).toBeGreaterThan(0);
    stream.send({ streamToken: first.streamToken, writes: [setTo(a, '1'), setTo(b, '2')] });
    const answer = await stream.next();
    expect(answer.writeResults).toHaveLength(2);
    const { seconds, nanos } = answer.commitTime ?? {};
    const commitTime = new Timestamp(Number(seconds), nanos ?? 0);
    expect((await a.get()).updateTime).toEqual(commitTime);
    expect([await textOf(a), await textOf(b)]).toEqual(['1', '2']);
    stream.end();
  });

  test('applies what is sent at once in the order of the requests', async () => {
    const ref = collection().doc();
    const { stream, first } = await started();
    for (const text of ['1', '2', '3']) {
      stream.send({ streamToken: first.streamToken, writes: [setTo(ref, text)] });
    }
    const times: number[] = [];
    for (let n = 0; n < 3; n++) {
      const { seconds, nanos } = (await stream.next()).commitTime ?? {};
      times.push(Number(seconds) * 1e6 + (nanos ?? 0) / 1e3);
    }
    expect(times).toEqual(times.toSorted((x, y) => x - y));
    expect(await textOf(ref)).toBe('3');
    stream.end();
  });

  test('ends with the status of the commit that fails; the next stream goes on', async () => {
    const ref = collection().doc();
    const { stream, first } = await started();
    const update: Write = {
      ...setTo(ref, '1'),
      currentDocument: { conditionType: 'exists', exists: true },
    };
    stream.send({ streamToken: first.streamToken, writes: [update] });
    expect(await codeOf(stream.next())).toBe(GrpcStatus.NOT_FOUND);
    const { stream: second, first: token } = await started();
    second.send({ streamToken: token.streamToken, writes: [setTo(ref, '2')] });
    await second.next();
    expect(await textOf(ref)).toBe('2');
    second.end();
  });
});

describe('a verify write', () => {
  test('lets the commit through if the document is as it was read, and changes nothing', async () => {
    const [read, written] = [collection().doc(), collection().doc()];
    const { writeTime } = await read.set({ text: 'read' });
    const { seconds, nanoseconds: nanos } = writeTime;
    const asRead: Precondition = { conditionType: 'updateTime', updateTime: { seconds, nanos } };
    const { writeResults } = await commit(setTo(written, '1'), verify(read, asRead));
    expect(writeResults).toHaveLength(2);
    expect(await textOf(written)).toBe('1');
    expect((await read.get()).updateTime).toEqual(writeTime);

    await read.set({ text: 'changed' });
    const late = commit(setTo(written, '2'), verify(read, asRead));
    expect(await codeOf(late)).toBe(GrpcStatus.FAILED_PRECONDITION);
    expect(await textOf(written)).toBe('1');
  });

  test('can demand that there is no document', async () => {
    const [read, written] = [collection().doc(), collection().doc()];
    const missing: Precondition = { conditionType: 'exists', exists: false };
    await commit(setTo(written, '1'), verify(read, missing));
    expect(await textOf(written)).toBe('1');
    expect((await read.get()).exists).toBe(false);
    await read.set({ text: 'there' });
    expect(await codeOf(commit(setTo(written, '2'), verify(read, missing)))).not.toBe('succeeded');
    expect(await textOf(written)).toBe('1');
  });

  test('is refused without a precondition', async () => {
    const { operation, verify: name, updateTransforms } = verify(collection().doc(), {});
    const write = { operation, verify: name, updateTransforms } as Write;
    expect(await codeOf(commit(write))).toBe(GrpcStatus.INVALID_ARGUMENT);
  });
});
