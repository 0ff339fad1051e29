/** Turns plain functions into handlers of grpc-js: errors become statuses, results become messages. */
import { Readable, type Writable } from 'node:stream';
import {
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { invalidArgument } from '../../base/rpc-error.ts';
import { toRpcError } from '../errors.ts';
import { firestoreService } from '../protos.ts';

/** @see https://cloud.google.com/firestore/quotas#writes_and_transactions */
const MAX_REQUEST_BYTES = 11_534_336;

/** grpc-js accepts larger requests than the service, so that they get the service's own error. */
export const MAX_MESSAGE_BYTES = 64 * 1_024 * 1_024;

/** Stands for a request that is too large and was not decoded. */
const TOO_LARGE = Symbol('request too large');

export function unary<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): UntypedServiceImplementation[string] {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
    answer(handle, call.request).then(
      (response) => callback(null, response),
      (error) => callback(toServiceError(error)),
    );
  };
}

/** All responses are computed before the first is sent, so they show one state. */
export function serverStream<Request>(
  handle: (request: Request) => Promise<Iterable<object>>,
): UntypedServiceImplementation[string] {
  return (call: ServerWritableStream<Request, object>) => {
    // It is a Writable; the types of the two packages disagree about optional properties.
    const output = call as unknown as Writable;
    // If an error comes without headers, google-gax believes that there was no response and retries.
    call.sendMetadata(new Metadata());
    answer(handle, call.request).then(
      (responses) => Readable.from(responses).pipe(output),
      (error) => call.emit('error', toServiceError(error)),
    );
  };
}

async function answer<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
  request: Request,
): Promise<Response> {
  checkDecoded(request);
  return await handle(request);
}

/** @throws INVALID_ARGUMENT if the request was too large to be decoded */
export function checkDecoded(request: unknown): void {
  if (request !== TOO_LARGE) return;
  throw invalidArgument(`Request payload size exceeds the limit: ${MAX_REQUEST_BYTES} bytes.`);
}

export function toServiceError(error: unknown): Partial<ServiceError> {
  const { code, message } = toRpcError(error);
  return { code, details: message, message };
}

/** The service definition. Requests above the limit are not decoded. */
export function limitedService(): typeof firestoreService {
  const methods = Object.entries(firestoreService).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer) =>
      bytes.length > MAX_REQUEST_BYTES ? TOO_LARGE : method.requestDeserialize(bytes);
    return [name, { ...method, requestDeserialize }];
  });
  return Object.fromEntries(methods) as typeof firestoreService;
}
