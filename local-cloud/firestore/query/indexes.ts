/**
 * Decides whether the real service would run a query with the defined indexes. Every field has its own
 * index unless it is turned off. A query that filters by one field and orders by another needs a
 * composite index. A vector search needs an index of vectors of its number of dimensions, with the fields
 * of its filters before them. A query with OR is always allowed, although each branch may need an index.
 *
 * @see https://cloud.google.com/firestore/docs/query-data/index-overview
 * @see https://firebase.google.com/docs/firestore/vector-search#create_and_manage_vector_indexes
 */
import { z } from 'zod';
import { failedPrecondition } from '../errors.ts';
import { DOCUMENT_ID, formatFieldPath } from '../fields.ts';
import { isDocumentId } from './filter.ts';
import { conditionsOf } from './limits.ts';
import type { Nearest } from './nearest.ts';
import type { Query } from './query.ts';

const orderedSchema = z.strictObject({
  fieldPath: z.string(),
  order: z.enum(['ASCENDING', 'DESCENDING']),
});
const fieldSchema = z.union([
  orderedSchema,
  z.strictObject({ fieldPath: z.string(), arrayConfig: z.literal('CONTAINS') }),
  z.strictObject({
    fieldPath: z.string(),
    vectorConfig: z.strictObject({
      dimension: z.number().int().min(1).max(2_048),
      flat: z.strictObject({}),
    }),
  }),
]);

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
type Ordered = z.infer<typeof orderedSchema>;

/** The fields that an index must contain, in this order, so that a query can use it. */
interface Wanted {
  /** Fields compared for equality, in any order. */
  equal: string[];
  /** The `equal` fields that are arrays: one of their elements is compared. */
  arrays: string[];
  /** Fields that order the results. */
  ordered: Ordered[];
  /** Fields that are summed up, in any order. */
  summed: string[];
}

/** @throws FAILED_PRECONDITION if the query needs an index that is not defined */
export function requireIndex(query: Query, definitions: IndexDefinitions): void {
  if (query.nearest) {
    requireVectorIndex(query, query.nearest, definitions);
    return;
  }
  const wanted = wantedBy(query);
  if (!wanted || isCovered(wanted, query.scope, definitions)) return;
  const fields = [
    ...wanted.equal.map((path) => `${path} ${kindOf(path, wanted)}`),
    ...wanted.ordered.map(({ fieldPath, order }) => `${fieldPath} ${order}`),
    ...wanted.summed.map((path) => `${path} ASCENDING`),
  ];
  throw failedPrecondition(
    `The query requires an index that is not defined: ${query.scope.collectionId} (${fields.join(', ')}). Add it to firestore.indexes.json.`,
  );
}

/** @throws FAILED_PRECONDITION, also if a filter needs an order: then no index of vectors serves it */
function requireVectorIndex(query: Query, nearest: Nearest, definitions: IndexDefinitions): void {
  const path = formatFieldPath(nearest.path);
  const filtered = [
    ...new Set(
      conditionsOf(query.tree)
        .filter(({ path }) => !isDocumentId(path))
        .map(({ path }) => formatFieldPath(path)),
    ),
  ];
  const isServed = indexesFor(query.scope, definitions).some(({ fields }) => {
    const last = fields.at(-1);
    if (!last || !('vectorConfig' in last) || last.fieldPath !== path) return false;
    // The name stands before the vector: https://github.com/firebase/firebase-tools/pull/9407
    const before = withoutName(fields.slice(0, -1)).map(({ fieldPath }) => fieldPath);
    return (
      last.vectorConfig.dimension === nearest.dimension &&
      before.length === filtered.length &&
      filtered.every((each) => before.includes(each))
    );
  });
  if (isServed) return;
  const fields = [...filtered, `${path} of ${nearest.dimension} dimensions`].join(', ');
  throw failedPrecondition(
    `The vector search requires a vector index that is not defined: ${query.scope.collectionId} (${fields}). Add it to firestore.indexes.json.`,
  );
}

/**
 * The service scans documents by name in ascending order only. It asks for an index of descending names, but such an index cannot
 * be created: https://github.com/firebase/flutterfire/issues/4398
 * @throws FAILED_PRECONDITION if the query uses only the name, in descending order
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
    ({ path, descending }): Ordered => ({
      fieldPath: formatFieldPath(path),
      order: descending ? 'DESCENDING' : 'ASCENDING',
    }),
  );
  const paths = new Set(ordered.map(({ fieldPath }) => fieldPath));
  const compared = conditionsOf(tree).filter(
    ({ path, op }) => !isDocumentId(path) && (op === 'EQUAL' || op === 'IN' || isOfArray(op)),
  );
  const equal = compared
    .map(({ path }) => formatFieldPath(path))
    .filter((path) => !paths.has(path));
  for (const path of equal) paths.add(path);
  const summed = required.map(formatFieldPath).filter((path) => !paths.has(path));
  return {
    equal: [...new Set(equal)],
    arrays: compared.filter(({ op }) => isOfArray(op)).map(({ path }) => formatFieldPath(path)),
    ordered: withoutName(ordered),
    summed: [...new Set(summed)],
  };
}

function hasBranches(tree: Query['tree']): boolean {
  if (tree.kind === 'condition') return false;
  return (tree.kind === 'or' && tree.children.length > 1) || tree.children.some(hasBranches);
}

const isOfArray = (op: string) => op.startsWith('ARRAY_CONTAINS');

const kindOf = (path: string, { arrays }: Wanted) =>
  arrays.includes(path) ? 'CONTAINS' : 'ASCENDING';

/**
 * Every index ends with the name, in the direction of the field before it, even if the definition does
 * not say so.
 */
function withoutName<T extends IndexField>(fields: T[]): T[] {
  const [before, last] = [fields.at(-2), fields.at(-1)];
  const implied =
    last?.fieldPath === DOCUMENT_ID && orderOf(before, orderOf(last)) === orderOf(last);
  return implied ? fields.slice(0, -1) : fields;
}

function orderOf(field: IndexField | undefined, otherwise?: Ordered['order']) {
  if (!field) return otherwise;
  return 'order' in field ? field.order : 'ASCENDING';
}

function isCovered(wanted: Wanted, scope: Query['scope'], definitions: IndexDefinitions): boolean {
  const { equal, ordered, summed } = wanted;
  const beyond = [...ordered.map(({ fieldPath }) => fieldPath), ...summed];
  const hasOwn = (path: string) => hasOwnIndex(path, scope, definitions);
  // The service merges single-field indexes as long as the results are ordered by name.
  if (beyond.length === 0) return equal.every(hasOwn);
  if (equal.length === 0 && beyond.length === 1) return beyond.every(hasOwn);
  const prefixes = indexesFor(scope, definitions).flatMap(
    ({ fields }) => prefixOf(withoutName(fields), wanted) ?? [],
  );
  // It also merges composite indexes that continue with the same fields.
  return equal.length === 0
    ? prefixes.some((prefix) => prefix.length === 0)
    : equal.every((path) => prefixes.some((prefix) => prefix.includes(path)));
}

function indexesFor(
  { collectionId, allDescendants }: Query['scope'],
  { indexes }: IndexDefinitions,
) {
  const queryScope = allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION';
  return indexes.filter(
    (each) => each.collectionGroup === collectionId && each.queryScope === queryScope,
  );
}

/** True if a field has an index of its own. The override of a map also applies to its fields, unless a field has its own. */
function hasOwnIndex(
  path: string,
  { collectionId }: Query['scope'],
  { fieldOverrides }: IndexDefinitions,
): boolean {
  const [nearest] = fieldOverrides
    .filter(
      ({ collectionGroup, fieldPath }) =>
        collectionGroup === collectionId && `${path}.`.startsWith(`${fieldPath}.`),
    )
    .sort((a, b) => b.fieldPath.length - a.fieldPath.length);
  return nearest?.indexes.length !== 0;
}

/** The equality fields at the start of an index. Undefined if the query cannot use the index. */
function prefixOf(fields: IndexField[], wanted: Wanted): string[] | undefined {
  const { equal, arrays, ordered, summed } = wanted;
  const length = fields.length - ordered.length - summed.length;
  if (length < 0) return undefined;
  const start = fields.slice(0, length);
  const prefix = start.map(({ fieldPath }) => fieldPath);
  const middle = fields.slice(length, length + ordered.length);
  const rest = new Set(fields.slice(length + ordered.length).map(({ fieldPath }) => fieldPath));
  const fits =
    prefix.every((path) => equal.includes(path)) &&
    start.every((field) => arrays.includes(field.fieldPath) === 'arrayConfig' in field) &&
    ordered.every(({ fieldPath, order }, i) => {
      const field = middle[i];
      return field?.fieldPath === fieldPath && 'order' in field && field.order === order;
    }) &&
    summed.every((path) => rest.has(path));
  return fits ? prefix : undefined;
}
