/** A parsed query, ready to run and to be matched against single documents. */
import { invalidArgument } from '../../base/rpc-error.ts';
import type { FieldPath } from '../fields.ts';
import { parseParent, startsWith } from '../paths.ts';
import { valueKey } from '../value-key.ts';
import type { StructuredQuery, Value } from '../wire.ts';
import {
  type Condition,
  compileFilter,
  elements,
  type FilterTree,
  isDocumentId,
  type Predicate,
  parseFilter,
  parsePath,
  valueAt,
} from './filter.ts';
import { checkFilter, checkOrders, conditionsOf } from './limits.ts';
import { type Nearest, parseNearest } from './nearest.ts';
import { type Comparator, comparator, cursorPredicate, type Order, parseOrders } from './order.ts';

/** The collections that a query reads. */
export interface Scope {
  parent: readonly string[];
  /** Undefined: collections with any id. */
  collectionId: string | undefined;
  /** True if collections at deeper levels are included. */
  allDescendants: boolean;
}

/** A condition of every result: the field has one of these values (as {@link valueKey}). */
interface Lookup {
  path: FieldPath;
  keys: ReadonlySet<string>;
}

export interface Query {
  scope: Scope;
  orders: readonly Order[];
  /** Ignores offset and limit. */
  matches: Predicate;
  compare: Comparator;
  offset: number;
  limit: number;
  /** Fields to return; undefined: all. */
  projection: readonly FieldPath[] | undefined;
  lookup: Lookup | undefined;
  /** The same for an array that has one of these elements. */
  elementLookup: Lookup | undefined;
  nearest: Nearest | undefined;
  tree: FilterTree;
  /** Paths that a document must have to be counted. */
  required: readonly FieldPath[];
}

/**
 * @param parent resource name of the query's parent
 * @param required paths that a document must have to be counted
 * @throws INVALID_ARGUMENT if the service would refuse the query
 */
export function parseQuery(
  parent: string | undefined,
  query: StructuredQuery | undefined,
  required: readonly FieldPath[] = [],
): Query {
  if (!query) throw invalidArgument('The request has no query.');
  const scope = parseScope(parent, query);
  const tree: FilterTree = query.where ? parseFilter(query.where) : { kind: 'and', children: [] };
  checkFilter(tree);
  const conditions = conditionsOf(tree);
  const orders = parseOrders(query.orderBy, conditions);
  checkOrders(orders);
  const present = [...orders.map(({ path }) => path), ...required].filter(
    (path) => !isDocumentId(path),
  );
  const tests: Predicate[] = [
    // First, because it refuses most documents.
    compileFilter(tree),
    (document) => inScope(scope, document.segments),
    ...present.map(
      (path): Predicate =>
        (document) =>
          valueAt(document, path) !== undefined,
    ),
    cursorPredicate(query.startAt, orders, 'start'),
    cursorPredicate(query.endAt, orders, 'end'),
  ];
  return {
    scope,
    orders,
    matches: (document) => tests.every((test) => test(document)),
    compare: comparator(orders),
    offset: nonNegative(query.offset, 'offset'),
    limit: query.limit ? nonNegative(query.limit.value, 'limit') : Number.POSITIVE_INFINITY,
    projection: parseProjection(query),
    lookup: findLookup(tree),
    elementLookup: findElementLookup(tree),
    nearest: query.findNearest && parseNearest(query.findNearest),
    tree,
    required,
  };
}

function parseScope(parent: string | undefined, query: StructuredQuery): Scope {
  const { segments } = parseParent(parent);
  const [selector, ...others] = query.from;
  if (others.length > 0) throw invalidArgument('A query can only be from one collection selector.');
  return {
    parent: segments,
    collectionId: selector?.collectionId || undefined,
    allDescendants: selector?.allDescendants ?? false,
  };
}

function inScope(scope: Scope, segments: readonly string[]): boolean {
  if (scope.collectionId !== undefined && segments.at(-2) !== scope.collectionId) return false;
  if (!scope.allDescendants && segments.length !== scope.parent.length + 2) return false;
  return startsWith(segments, scope.parent);
}

function nonNegative(value: number | undefined, name: string): number {
  if (value !== undefined && value < 0) throw invalidArgument(`${name} must not be negative.`);
  return value ?? 0;
}

/** An empty selection means all fields. `__name__` alone means none. */
function parseProjection(query: StructuredQuery): FieldPath[] | undefined {
  if (!query.select || query.select.fields.length === 0) return undefined;
  return query.select.fields.map(parsePath).filter((path) => !isDocumentId(path));
}

/** The condition that finds documents fastest: one on the name, otherwise any equality. */
function findLookup(tree: FilterTree): Lookup | undefined {
  const necessary = necessaryConditions(tree).filter(({ op }) => op === 'EQUAL' || op === 'IN');
  const best = necessary.find(({ path }) => isDocumentId(path)) ?? necessary[0];
  return best && lookupOf(best, best.op === 'IN');
}

function findElementLookup(tree: FilterTree): Lookup | undefined {
  const best = necessaryConditions(tree).find(({ op }) => op.startsWith('ARRAY_CONTAINS'));
  return best && lookupOf(best, best.op === 'ARRAY_CONTAINS_ANY');
}

function lookupOf({ path, value }: Condition, isList: boolean): Lookup {
  const values: Value[] = isList ? elements(value) : [value];
  return { path, keys: new Set(values.map(valueKey)) };
}

function necessaryConditions(tree: FilterTree): Condition[] {
  if (tree.kind === 'condition') return [tree.condition];
  const [only, ...others] = tree.children;
  if (tree.kind === 'or') return only && others.length === 0 ? necessaryConditions(only) : [];
  return tree.children.flatMap(necessaryConditions);
}
