/**
 * Decides whether the real service would run a query with the defined indexes. Every field has its own
 * index unless it is turned off. A query that filters by one field and orders by another needs a
 * composite index. A query with OR is always allowed, although each branch may need an index.
 *
 * @see https://cloud.google.com/firestore/docs/query-data/index-overview
 */
import { z } from 'zod';
import { failedPrecondition } from '../errors.ts';
import { DOCUMENT_ID, formatFieldPath } from '../fields.ts';
import { isDocumentId } from './filter.ts';
import { conditionsOf } from './limits.ts';
import type { Query } from './query.ts';

const fieldSchema = z.object({
  fieldPath: z.string(),
  order: z.enum(['ASCENDING', 'DESCENDING']),
});

/** `firestore.indexes.json`: https://firebase.google.com/docs/reference/firestore/indexes */
export const indexesSchema = z.object({
  indexes: z.array(
    z.object({
      collectionGroup: z.string(),
      queryScope: z.enum(['COLLECTION', 'COLLECTION_GROUP']),
      fields: z.array(fieldSchema),
    }),
  ),
  fieldOverrides: z.array(
    z.object({
      collectionGroup: z.string(),
      fieldPath: z.string(),
      ttl: z.boolean().default(false),
      indexes: z.array(z.unknown()),
    }),
  ),
});
export type IndexDefinitions = z.infer<typeof indexesSchema>;
type IndexField = z.infer<typeof fieldSchema>;

/** What an index must contain, in this order, so that a query can use it. */
interface Wanted {
  /** Fields compared for equality, in any order. */
  equal: string[];
  /** Fields that the results are ordered by. */
  ordered: IndexField[];
  /** Fields that are summed up, in any order. */
  summed: string[];
}

/** @throws FAILED_PRECONDITION if the query needs an index that is not defined. */
export function requireIndex(query: Query, definitions: IndexDefinitions): void {
  if (query.nearest) {
    throw failedPrecondition(
      'Vector search requires a vector index, and firestore.indexes.json defines none.',
    );
  }
  const wanted = wantedBy(query);
  if (!wanted || isCovered(wanted, query.scope, definitions)) return;
  const fields = [
    ...wanted.equal.map((path) => `${path} ASCENDING`),
    ...wanted.ordered.map(({ fieldPath, order }) => `${fieldPath} ${order}`),
    ...wanted.summed.map((path) => `${path} ASCENDING`),
  ];
  throw failedPrecondition(
    `The query requires an index that is not defined: ${query.scope.collectionId} (${fields.join(', ')}). Add it to firestore.indexes.json.`,
  );
}

/**
 * The service scans documents by name in ascending order only. It asks for an index of descending names,
 * but such an index cannot be created: https://github.com/firebase/flutterfire/issues/4398
 *
 * @throws FAILED_PRECONDITION if the query uses only the name, in descending order.
 */
export function refuseDescendingScan({ tree, orders: [first] }: Query): void {
  if (!first?.descending || !isDocumentId(first.path)) return;
  if (!conditionsOf(tree).every(({ path }) => isDocumentId(path))) return;
  throw failedPrecondition(
    'The query requires an index: names are scanned in ascending order only.',
  );
}

function wantedBy({ tree, orders, required }: Query): Wanted | undefined {
  if (hasBranches(tree)) return undefined;
  const ordered = orders.map(
    ({ path, descending }): IndexField => ({
      fieldPath: formatFieldPath(path),
      order: descending ? 'DESCENDING' : 'ASCENDING',
    }),
  );
  const paths = new Set(ordered.map(({ fieldPath }) => fieldPath));
  const equal = conditionsOf(tree)
    .filter(({ path, op }) => !isDocumentId(path) && (op === 'EQUAL' || op === 'IN'))
    .map(({ path }) => formatFieldPath(path))
    .filter((path) => !paths.has(path));
  for (const path of equal) paths.add(path);
  const summed = required.map(formatFieldPath).filter((path) => !paths.has(path));
  return {
    equal: [...new Set(equal)],
    ordered: withoutName(ordered),
    summed: [...new Set(summed)],
  };
}

function hasBranches(tree: Query['tree']): boolean {
  if (tree.kind === 'condition') return tree.condition.op.startsWith('ARRAY_CONTAINS');
  return (tree.kind === 'or' && tree.children.length > 1) || tree.children.some(hasBranches);
}

/**
 * Every index ends with the name, in the direction of the field before it, even if the definition does
 * not say so.
 */
function withoutName(fields: IndexField[]): IndexField[] {
  const [before, last] = [fields.at(-2), fields.at(-1)];
  const implied = last?.fieldPath === DOCUMENT_ID && (before?.order ?? last.order) === last.order;
  return implied ? fields.slice(0, -1) : fields;
}

function isCovered(wanted: Wanted, scope: Query['scope'], definitions: IndexDefinitions): boolean {
  const { equal, ordered, summed } = wanted;
  const beyond = [...ordered.map(({ fieldPath }) => fieldPath), ...summed];
  const hasOwn = (path: string) =>
    !definitions.fieldOverrides.some(
      ({ collectionGroup, fieldPath, indexes }) =>
        collectionGroup === scope.collectionId && fieldPath === path && indexes.length === 0,
    );
  // The service merges single-field indexes as long as the results are ordered by name.
  if (beyond.length === 0) return equal.every(hasOwn);
  if (equal.length === 0 && beyond.length === 1) return beyond.every(hasOwn);
  const queryScope = scope.allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION';
  const prefixes = definitions.indexes
    .filter((each) => each.collectionGroup === scope.collectionId && each.queryScope === queryScope)
    .flatMap(({ fields }) => prefixOf(withoutName(fields), wanted) ?? []);
  // It also merges composite indexes that continue with the same fields.
  return equal.length === 0
    ? prefixes.some((prefix) => prefix.length === 0)
    : equal.every((path) => prefixes.some((prefix) => prefix.includes(path)));
}

/** The equality fields at the start of an index. Undefined if the query cannot use the index. */
function prefixOf(fields: IndexField[], { equal, ordered, summed }: Wanted): string[] | undefined {
  const length = fields.length - ordered.length - summed.length;
  if (length < 0) return undefined;
  const prefix = fields.slice(0, length).map(({ fieldPath }) => fieldPath);
  const middle = fields.slice(length, length + ordered.length);
  const rest = new Set(fields.slice(length + ordered.length).map(({ fieldPath }) => fieldPath));
  const fits =
    prefix.every((path) => equal.includes(path)) &&
    ordered.every(
      ({ fieldPath, order }, i) => middle[i]?.fieldPath === fieldPath && middle[i]?.order === order,
    ) &&
    summed.every((path) => rest.has(path));
  return fits ? prefix : undefined;
}
