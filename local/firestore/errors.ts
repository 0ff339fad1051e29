/** Errors of the RPC surface: a gRPC code and the text the service is known to answer with. */
import { status } from '@grpc/grpc-js';
import { DISK_FULL, isDiskFull } from '../disk-full.ts';

/** An error that reaches the client as this gRPC status. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

export const invalidArgument = (message: string) => new RpcError(status.INVALID_ARGUMENT, message);
export const notFound = (message: string) => new RpcError(status.NOT_FOUND, message);
export const alreadyExists = (message: string) => new RpcError(status.ALREADY_EXISTS, message);
export const failedPrecondition = (message: string) =>
  new RpcError(status.FAILED_PRECONDITION, message);
export const unimplemented = (message: string) => new RpcError(status.UNIMPLEMENTED, message);
export const unavailable = (message: string) => new RpcError(status.UNAVAILABLE, message);

/** The transaction lost against another one; the client library runs it again. */
export const contention = () =>
  new RpcError(
    status.ABORTED,
    'Aborted due to cross-transaction contention. This occurs when multiple transactions attempt to access the same data, requiring Firestore to abort at least one in order to enforce serializability.',
  );

/**
 * The client library recognises "transaction has expired" in the text and then runs the
 * transaction again, although the code itself is not a retryable one.
 */
export const transactionExpired = () =>
  invalidArgument('The referenced transaction has expired or is no longer valid.');

export const snapshotTooOld = () =>
  failedPrecondition('The requested snapshot version is too old.');

/** Any thrown value as an error with a gRPC code. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (isDiskFull(error)) return new RpcError(status.RESOURCE_EXHAUSTED, DISK_FULL);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new RpcError(status.INTERNAL, `Internal error in the local Firestore: ${text}`);
}
