/**
 * The Write call: several commits over one stream. Google's web clients always write this way.
 * https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#google.firestore.v1.WriteRequest
 */
import { randomUUID } from 'node:crypto';
import {
  Metadata,
  type ServerDuplexStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { invalidArgument } from '../../base/rpc-error.ts';
import { toWireTimestamp } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Databases } from '../databases.ts';
import { unavailable, unimplemented } from '../errors.ts';
import type { WriteRequest, WriteResponse } from '../wire.ts';
import { checkDecoded, toServiceError } from './calls.ts';

type Call = ServerDuplexStream<WriteRequest, WriteResponse>;

/** All open streams, to end them together. */
export class WriteCalls {
  readonly #databases: Databases;
  readonly #open = new Set<Call>();

  constructor(databases: Databases) {
    this.#databases = databases;
  }

  readonly handle: UntypedServiceImplementation[string] = (call: Call) => {
    this.#open.add(call);
    call.sendMetadata(new Metadata());
    const stream = new WriteStream(this.#databases);
    // Commits run one after the other: a commit may wait for a transaction, and the next one must not
    // overtake it.
    let last: Promise<void> = Promise.resolve();
    const next = (step: () => Promise<void>) => {
      last = last.then(async () => {
        if (this.#open.has(call)) await step();
      });
      last = last.catch((error) => this.#fail(call, error));
    };
    call.on('data', (request: WriteRequest) =>
      next(async () => void call.write(await stream.answer(request))),
    );
    call.on('end', () =>
      next(async () => {
        this.#open.delete(call);
        call.end();
      }),
    );
    call.on('cancelled', () => this.#open.delete(call));
    call.on('error', () => this.#open.delete(call));
  };

  /** Ends all streams with UNAVAILABLE, so that clients connect again. */
  close(): void {
    for (const call of [...this.#open]) this.#fail(call, unavailable('Shutting down.'));
  }

  #fail(call: Call, error: unknown): void {
    this.#open.delete(call);
    call.emit('error', toServiceError(error));
  }
}

class WriteStream {
  readonly #databases: Databases;
  #database: Database | undefined;
  /** Number of answers so far. The token of an answer is its number. */
  #answers = 0;

  constructor(databases: Databases) {
    this.#databases = databases;
  }

  /** @throws {RpcError} the status that ends the stream */
  async answer(request: WriteRequest): Promise<WriteResponse> {
    checkDecoded(request);
    if (!this.#database) return this.#start(request);
    this.#checkToken(request.streamToken);
    const { writeResults, commitTime } = await this.#database.commit(request.writes);
    return {
      streamToken: this.#nextToken(),
      writeResults,
      commitTime: toWireTimestamp(commitTime),
    };
  }

  #start({ database, streamId, streamToken, writes }: WriteRequest): WriteResponse {
    if (streamId || streamToken?.length) {
      throw unimplemented(
        'Write streams cannot be resumed in the local Firestore: open a new one.',
      );
    }
    if (writes.length > 0) throw invalidArgument('The first request of a stream has no writes.');
    this.#database = this.#databases.get(database);
    return { streamId: randomUUID(), streamToken: this.#nextToken(), writeResults: [] };
  }

  #checkToken(token: Uint8Array | undefined): void {
    const answer = Number(Buffer.from(token ?? []).toString());
    if (answer >= 1 && answer <= this.#answers) return;
    throw invalidArgument('This stream has not issued the stream token.');
  }

  #nextToken(): Uint8Array {
    return Buffer.from(String(++this.#answers));
  }
}
