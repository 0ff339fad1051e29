/** Errors of the RPCs: a gRPC code and, where known, the same text as the real service. */
import { status } from '@grpc/grpc-js';
import { DISK_FULL, isDiskFull } from '../base/disk-full.ts';
import { invalidArgument, RpcError } from '../base/rpc-error.ts';

export const notFound = (message: string) => new RpcError(status.NOT_FOUND, message);
export const alreadyExists = (message: string) => new RpcError(status.ALREADY_EXISTS, message);
export const failedPrecondition = (message: string) =>
  new RpcError(status.FAILED_PRECONDITION, message);
export const unimplemented = (message: string) => new RpcError(status.UNIMPLEMENTED, message);
export const unavailable = (message: string) => new RpcError(status.UNAVAILABLE, message);

/** The transaction lost against another one. The client library runs it again. */
export const contention = () =>
  new RpcError(
    status.ABORTED,
    'Aborted due to cross-transaction contention. This occurs when multiple transactions attempt to access the same data, requiring Firestore to abort at least one in order to enforce serializability.',
  );

/**
 * The text contains "transaction has expired", for which the client library runs the transaction again, although it does not
 * retry this code otherwise.
 */
export const transactionExpired = () =>
  invalidArgument('The referenced transaction has expired or is no longer valid.');

export const snapshotTooOld = () =>
  failedPrecondition('The requested snapshot version is too old.');

/** Turns any thrown value into an error with a gRPC code. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (isDiskFull(error)) return new RpcError(status.RESOURCE_EXHAUSTED, DISK_FULL);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new RpcError(status.INTERNAL, `Internal error in the local Firestore: ${text}`);
}
