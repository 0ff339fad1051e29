/** GetDocument, BatchGetDocuments, RunQuery, RunAggregationQuery, PartitionQuery. */

import { invalidArgument } from '../../base/rpc-error.ts';
import { toWireTimestamp } from '../clock.ts';
import type { Database, ReadResult } from '../database.ts';
import type { Databases } from '../databases.ts';
import { type StoredDocument, toWireDocument } from '../documents.ts';
import { notFound } from '../errors.ts';
import { parseReadMask } from '../fields.ts';
import { documentAt } from '../history.ts';
import { parseDocumentName, splitResourceName } from '../paths.ts';
import { aggregate, parseAggregations } from '../query/aggregate.ts';
import { checkPartitionable, partitionPoints } from '../query/partition.ts';
import { parseQuery } from '../query/query.ts';
import { runQuery, type View } from '../query/run.ts';
import type {
  Aggregation,
  Consistency,
  ExplainOptions,
  FieldMask,
  StructuredQuery,
  WireTimestamp,
} from '../wire.ts';
import { explain } from './explain.ts';

interface GetRequest extends Consistency {
  name?: string;
  mask?: FieldMask;
}

interface BatchGetRequest extends Consistency {
  database?: string;
  documents: string[];
  mask?: FieldMask;
}

interface QueryRequest extends Consistency {
  parent?: string;
  structuredQuery?: StructuredQuery;
  explainOptions?: ExplainOptions;
}

interface AggregationRequest extends Consistency {
  parent?: string;
  structuredAggregationQuery?: { structuredQuery?: StructuredQuery; aggregations: Aggregation[] };
  explainOptions?: ExplainOptions;
}

interface PartitionRequest {
  parent?: string;
  structuredQuery?: StructuredQuery;
  partitionCount?: string;
  pageToken?: string;
  pageSize?: number;
  readTime?: WireTimestamp;
}

export async function getDocument(databases: Databases, request: GetRequest) {
  const database = databases.get(parseDocumentName(request.name).database);
  const name = request.name ?? '';
  const mask = parseReadMask(request.mask);
  const { result } = await readDocuments(database, request, [name]);
  const document = result[0]?.document;
  if (!document) throw notFound(`Document "${name}" not found.`);
  return toWireDocument(document, mask);
}

export async function batchGetDocuments(databases: Databases, request: BatchGetRequest) {
  const database = databases.get(request.database);
  const mask = parseReadMask(request.mask);
  const names = [...new Set(request.documents)];
  for (const name of names) {
    if (parseDocumentName(name).database !== database.name) {
      throw invalidArgument(`Document "${name}" is not in the database "${database.name}".`);
    }
  }
  const read = await readDocuments(database, request, names);
  const readTime = toWireTimestamp(read.readTime);
  const responses = read.result.map(({ name, document }) =>
    document ? { found: toWireDocument(document, mask), readTime } : { missing: name, readTime },
  );
  return [...transactionResponse(read), ...responses];
}

function readDocuments(database: Database, consistency: Consistency, names: readonly string[]) {
  return database.read(
    consistency,
    (transaction) => database.transactions.lockDocuments(transaction, names),
    ({ store, overlay }: View) =>
      names.map((name): { name: string; document: StoredDocument | undefined } => ({
        name,
        document: documentAt(overlay, name, store.get(splitResourceName(name).segments)),
      })),
  );
}

export async function runQueryRpc(databases: Databases, request: QueryRequest) {
  const database = databases.get(splitResourceName(request.parent ?? '').database);
  const query = parseQuery(request.parent, request.structuredQuery);
  database.requireIndex(query);
  const { explainOptions } = request;
  if (explainOptions && !explainOptions.analyze) return [{ explainMetrics: explain(query) }];
  const startedAt = performance.now();
  const read = await database.read(
    request,
    (transaction) => database.transactions.lockQuery(transaction, query),
    (view) => runQuery(query, view),
  );
  const { documents, skipped } = read.result;
  const readTime = toWireTimestamp(read.readTime);
  const stats = { results: documents.length, durationMs: performance.now() - startedAt };
  // A query without results still answers with its read time.
  const results = documents.length === 0 ? [undefined] : documents;
  const responses = results.map((document, index) => ({
    ...(document && { document: toWireDocument(document, query.projection) }),
    readTime,
    ...(index === 0 && { skippedResults: skipped }),
    // The metrics go with the last document: a separate message would look like one more result.
    ...(explainOptions &&
      index === results.length - 1 && { explainMetrics: explain(query, stats) }),
  }));
  return [...transactionResponse(read), ...responses];
}

export async function runAggregationQuery(databases: Databases, request: AggregationRequest) {
  const database = databases.get(splitResourceName(request.parent ?? '').database);
  const { structuredQuery, aggregations = [] } = request.structuredAggregationQuery ?? {};
  const aggregators = parseAggregations(aggregations);
  // A document that lacks one of the fields is not counted in any of the aggregations.
  const required = aggregators.flatMap(({ path }) => (path ? [path] : []));
  const query = parseQuery(request.parent, structuredQuery, required);
  database.requireIndex(query);
  const { explainOptions } = request;
  if (explainOptions && !explainOptions.analyze) return [{ explainMetrics: explain(query) }];
  const startedAt = performance.now();
  const read = await database.read(
    request,
    (transaction) => database.transactions.lockQuery(transaction, query),
    (view) => aggregate(aggregators, runQuery(query, view).documents),
  );
  const stats = { results: 1, durationMs: performance.now() - startedAt };
  const response = {
    result: { aggregateFields: read.result },
    readTime: toWireTimestamp(read.readTime),
    ...(explainOptions && { explainMetrics: explain(query, stats) }),
  };
  return [...transactionResponse(read), response];
}

/** The id of a transaction that the read began is sent first. */
function transactionResponse({ transaction }: ReadResult<unknown>) {
  return transaction ? [{ transaction }] : [];
}

export function partitionQuery(databases: Databases, request: PartitionRequest) {
  const database = databases.get(splitResourceName(request.parent ?? '').database);
  const query = parseQuery(request.parent, request.structuredQuery);
  checkPartitionable(query, request.structuredQuery);
  const count = Number(request.partitionCount ?? 0);
  if (!(count > 0)) throw invalidArgument('partition_count must be positive.');
  const points = partitionPoints(query, database.view(), count);
  const start = Number(request.pageToken || 0);
  const end = request.pageSize ? Math.min(points.length, start + request.pageSize) : points.length;
  return {
    partitions: points.slice(start, end).map((name) => ({
      values: [{ valueType: 'referenceValue', referenceValue: name }],
      before: true,
    })),
    nextPageToken: end < points.length ? String(end) : '',
  };
}
