/**
 * Which queries the service would run, by the indexes that are defined. Every field has its own index
 * unless that is turned off; a query that filters by one field and orders by another needs a composite
 * one. A query with OR is let through: it may need one for each branch.
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

/** What an index has to hold, in this order, for a query to be answered from it. */
interface Wanted {
  /** Fields that are compared for equality, in any order. */
  equal: string[];
  /** Those that the results are ordered by. */
  ordered: IndexField[];
  /** Those that are summed up, in any order. */
  summed: string[];
}

/** @throws FAILED_PRECONDITION unless the query can be answered from an index. */
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
 * Documents are scanned by name in ascending order only. The index of descending names that the service asks
 * for cannot be made: https://github.com/firebase/flutterfire/issues/4398
 *
 * @throws FAILED_PRECONDITION if nothing but the name, descending, tells where the results are.
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

/** An index ends with the name, in the direction of the field before it, without saying so. */
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
  // Indexes of single fields are merged as long as all go by the name.
  if (beyond.length === 0) return equal.every(hasOwn);
  if (equal.length === 0 && beyond.length === 1) return beyond.every(hasOwn);
  const queryScope = scope.allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION';
  const prefixes = definitions.indexes
    .filter((each) => each.collectionGroup === scope.collectionId && each.queryScope === queryScope)
    .flatMap(({ fields }) => prefixOf(withoutName(fields), wanted) ?? []);
  // Composite ones are merged, too, where all go on in the same way.
  return equal.length === 0
    ? prefixes.some((prefix) => prefix.length === 0)
    : equal.every((path) => prefixes.some((prefix) => prefix.includes(path)));
}

/** The fields for equality that an index begins with; undefined if it is of no use here. */
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
