/** The Listen call: receives target changes and sends document changes. */
import {
  Metadata,
  type ServerDuplexStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Databases } from '../databases.ts';
import { unavailable } from '../errors.ts';
import { ListenStream } from '../listen/stream.ts';
import type { ListenRequest, ListenResponse } from '../wire.ts';
import { toServiceError } from './calls.ts';

/** The longest silence of the service. */
const HEARTBEAT_MS = 30_000;

type Call = ServerDuplexStream<ListenRequest, ListenResponse>;

/** All open streams, to send heartbeats and to end them together. */
export class ListenCalls {
  readonly #databases: Databases;
  readonly #streams = new Map<Call, ListenStream | undefined>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(databases: Databases) {
    this.#databases = databases;
    this.#heartbeat = setInterval(() => {
      for (const stream of this.#streams.values()) stream?.heartbeat();
    }, HEARTBEAT_MS).unref();
  }

  readonly handle: UntypedServiceImplementation[string] = (call: Call) => {
    this.#streams.set(call, undefined);
    call.sendMetadata(new Metadata());
    call.on('data', (request) => this.#onRequest(call, request));
    call.on('drain', () => this.#streams.get(call)?.drained());
    call.on('end', () => {
      this.#forget(call);
      call.end();
    });
    call.on('cancelled', () => this.#forget(call));
    call.on('error', () => this.#forget(call));
  };

  /** Ends all streams with UNAVAILABLE, so that clients connect again. */
  close(): void {
    clearInterval(this.#heartbeat);
    for (const call of [...this.#streams.keys()]) this.#fail(call, unavailable('Shutting down.'));
  }

  #onRequest(call: Call, request: ListenRequest): void {
    if (!this.#streams.has(call)) return;
    try {
      const stream = this.#streams.get(call) ?? this.#open(call, request);
      if (request.targetChange === 'addTarget' && request.addTarget) {
        stream.addTarget(request.addTarget);
      } else if (request.targetChange === 'removeTarget') {
        stream.removeTarget(request.removeTarget ?? 0);
      }
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #open(call: Call, request: ListenRequest): ListenStream {
    const stream = new ListenStream(this.#databases.get(request.database), call);
    this.#streams.set(call, stream);
    return stream;
  }

  #fail(call: Call, error: unknown): void {
    this.#forget(call);
    call.emit('error', toServiceError(error));
  }

  #forget(call: Call): void {
    this.#streams.get(call)?.close();
    this.#streams.delete(call);
  }
}
