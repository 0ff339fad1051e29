/** Splits a collection group into parts, so that a client can read the parts in parallel. */
import { invalidArgument } from '../../base/rpc-error.ts';
import type { StructuredQuery } from '../wire.ts';
import { isDocumentId } from './filter.ts';
import type { Query } from './query.ts';
import { runUnlimited, type View } from './run.ts';

/** @throws INVALID_ARGUMENT unless the query is a bare collection group ordered by name */
export function checkPartitionable(query: Query, source: StructuredQuery | undefined): void {
  const [order, ...others] = query.orders;
  const bare =
    query.scope.allDescendants &&
    !source?.where &&
    !source?.startAt &&
    !source?.endAt &&
    !source?.offset &&
    !source?.limit &&
    others.length === 0 &&
    order !== undefined &&
    isDocumentId(order.path) &&
    !order.descending;
  if (!bare) {
    throw invalidArgument(
      'Only a collection group query ordered by __name__ ascending, without filters, cursors, offset or limit can be partitioned.',
    );
  }
}

/** At most `count` document names that cut the results into parts of about the same size. */
export function partitionPoints(query: Query, view: View, count: number): string[] {
  const documents = runUnlimited(query, view);
  const points = Math.max(0, Math.min(count, documents.length - 1));
  return Array.from({ length: points }, (_, index) => {
    const position = Math.floor(((index + 1) * documents.length) / (points + 1));
    return documents[position]?.name ?? '';
  });
}
