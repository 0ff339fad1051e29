/** ListDocuments and ListCollectionIds. */

import { invalidArgument } from '../../base/rpc-error.ts';
import type { Databases } from '../databases.ts';
import { type StoredDocument, toWireDocument } from '../documents.ts';
import { DOCUMENT_ID, parseReadMask } from '../fields.ts';
import { checkId, compareIds, parseParent, startsWith } from '../paths.ts';
import { parseQuery, type Query } from '../query/query.ts';
import { runQuery, type View } from '../query/run.ts';
import type { Consistency, FieldMask, StructuredQuery, WireDocument } from '../wire.ts';

const MAX_PAGE_SIZE = 300;

interface ListDocumentsRequest extends Consistency {
  parent?: string;
  collectionId?: string;
  pageSize?: number;
  pageToken?: string;
  orderBy?: string;
  mask?: FieldMask;
  showMissing?: boolean;
}

interface ListCollectionIdsRequest extends Consistency {
  parent?: string;
  pageSize?: number;
  pageToken?: string;
}

export async function listDocuments(databases: Databases, request: ListDocumentsRequest) {
  const { database: databaseName } = parseParent(request.parent);
  const database = databases.get(databaseName);
  const { collectionId, showMissing, orderBy } = request;
  if (collectionId) checkId(collectionId);
  if (showMissing && orderBy)
    throw invalidArgument('show_missing cannot be combined with order_by.');
  const mask = parseReadMask(request.mask);
  const query = parseQuery(request.parent, collectionQuery(collectionId, orderBy));
  const { result } = await database.read(
    request,
    (transaction) => database.transactions.lockQuery(transaction, query),
    (view) => {
      const documents = runQuery(query, view).documents;
      return showMissing ? withMissing(documents, query, view, databaseName) : documents;
    },
  );
  const { items, nextPageToken } = page(result, request);
  const show = (item: StoredDocument | string): WireDocument =>
    typeof item === 'string' ? { name: item, fields: {} } : toWireDocument(item, mask);
  return { documents: items.map(show), nextPageToken };
}

function collectionQuery(collectionId: string | undefined, orderBy = ''): StructuredQuery {
  const orders = orderBy.split(',').flatMap((part) => {
    const [fieldPath, direction = 'asc'] = part.trim().split(/\s+/);
    if (!fieldPath) return [];
    const descending = direction.toLowerCase() === 'desc';
    return [{ field: { fieldPath }, direction: descending ? 'DESCENDING' : 'ASCENDING' }];
  });
  const selector = collectionId ? { collectionId } : {};
  return {
    from: [selector],
    orderBy: orders.length > 0 ? orders : [{ field: { fieldPath: DOCUMENT_ID } }],
  };
}

/** Adds the names of missing documents that have documents below them. */
function withMissing(
  documents: readonly StoredDocument[],
  { scope }: Query,
  { store }: View,
  databaseName: string,
): (StoredDocument | string)[] {
  const byId = new Map<string, StoredDocument | string>();
  const depth = scope.parent.length + 2;
  for (const { path } of store.collections()) {
    const segments = path.split('/');
    if (segments.length <= depth || !startsWith(segments, scope.parent)) continue;
    const [collectionId = '', id = ''] = segments.slice(depth - 2);
    if (scope.collectionId !== undefined && scope.collectionId !== collectionId) continue;
    byId.set(
      `${collectionId}/${id}`,
      `${databaseName}/documents/${segments.slice(0, depth).join('/')}`,
    );
  }
  for (const document of documents) {
    byId.set(document.segments.slice(-2).join('/'), document);
  }
  const sorted = [...byId].sort(([left], [right]) => compareKeys(left, right));
  return sorted.map(([, item]) => item);
}

function compareKeys(left: string, right: string): number {
  const [leftCollection = '', leftId = ''] = left.split('/');
  const [rightCollection = '', rightId = ''] = right.split('/');
  return compareIds(leftCollection, rightCollection) || compareIds(leftId, rightId);
}

export async function listCollectionIds(databases: Databases, request: ListCollectionIdsRequest) {
  const { database, segments } = parseParent(request.parent);
  const ids = databases.get(database).store.collectionIds(segments);
  const { items, nextPageToken } = page(ids, request);
  return { collectionIds: items, nextPageToken };
}

/** A page token is the position of the page's first entry. */
function page<T>(
  all: readonly T[],
  { pageSize = 0, pageToken }: { pageSize?: number; pageToken?: string },
): { items: T[]; nextPageToken: string } {
  if (pageSize < 0) throw invalidArgument('page_size must not be negative.');
  const start = pageToken ? Number(pageToken) : 0;
  if (!Number.isSafeInteger(start) || start < 0) throw invalidArgument('Invalid page token.');
  const end = start + Math.min(pageSize || MAX_PAGE_SIZE, MAX_PAGE_SIZE);
  return { items: all.slice(start, end), nextPageToken: end < all.length ? String(end) : '' };
}
