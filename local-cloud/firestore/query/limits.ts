/**
 * Combinations of filters that the service refuses.
 *
 * @see https://cloud.google.com/firestore/native/docs/query-data/queries#limits_on_or_queries
 */
import { invalidArgument } from '../../base/rpc-error.ts';
import { DOCUMENT_ID, type FieldPath, formatFieldPath } from '../fields.ts';
import { type Condition, elements, type FilterTree, isDocumentId } from './filter.ts';

const MAX_DISJUNCTIONS = 30;
const MAX_NOT_IN = 10;
const MAX_INEQUALITY_FIELDS = 10;

const RANGE_OPERATORS = new Set([
  'LESS_THAN',
  'LESS_THAN_OR_EQUAL',
  'GREATER_THAN',
  'GREATER_THAN_OR_EQUAL',
]);
const NEGATIONS = new Set(['NOT_EQUAL', 'NOT_IN']);
const LISTS = new Set(['IN', 'NOT_IN', 'ARRAY_CONTAINS_ANY']);

/** An inequality determines the order of the results and requires that the field exists. */
export function isInequality({ op }: Condition): boolean {
  return RANGE_OPERATORS.has(op) || NEGATIONS.has(op);
}

export function conditionsOf(tree: FilterTree): Condition[] {
  return tree.kind === 'condition' ? [tree.condition] : tree.children.flatMap(conditionsOf);
}

/** @throws INVALID_ARGUMENT if the service would refuse the query */
export function checkFilter(tree: FilterTree): void {
  const conditions = conditionsOf(tree);
  for (const condition of conditions) checkCondition(condition);
  checkNegations(tree, conditions);
  if (disjunctions(tree) > MAX_DISJUNCTIONS) {
    throw invalidArgument(
      `The query has more than ${MAX_DISJUNCTIONS} disjunctions in its disjunctive normal form.`,
    );
  }
  if (arrayFilters(tree, 'ARRAY_CONTAINS') > 1) {
    throw invalidArgument("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.");
  }
  if (arrayFilters(tree, 'ARRAY_CONTAINS_ANY') > 1) {
    throw invalidArgument("A maximum of 1 'ARRAY_CONTAINS_ANY' filter is allowed per disjunction.");
  }
  const inequalities = new Set(
    conditions.filter(isInequality).map(({ path }) => formatFieldPath(path)),
  );
  if (inequalities.size > MAX_INEQUALITY_FIELDS) {
    throw invalidArgument(
      `The query has inequality filters on more than ${MAX_INEQUALITY_FIELDS} fields.`,
    );
  }
  const equalsName = conditions.some(({ path, op }) => isDocumentId(path) && op === 'EQUAL');
  if (equalsName && inequalities.size > 0 && !inequalities.has(DOCUMENT_ID)) {
    throw invalidArgument(
      'Equality on key is not allowed if there are other inequality fields and key does not appear in inequalities.',
    );
  }
}

/**
 * Names are unique, so an order after the name has no effect, and the service refuses it. That includes the orders that the
 * service itself adds for the fields of inequalities.
 * @param orders the orders of the query with those that the service adds
 * @throws INVALID_ARGUMENT if another field follows the name
 */
export function checkOrders(orders: readonly { path: FieldPath }[]): void {
  const name = orders.findIndex(({ path }) => isDocumentId(path));
  const after = name === -1 ? undefined : orders[name + 1];
  if (!after) return;
  throw invalidArgument(
    `order by clause cannot contain more fields after the key ${formatFieldPath(after.path)}`,
  );
}

function checkCondition({ path, op, value }: Condition): void {
  if (LISTS.has(op)) {
    const count = elements(value).length;
    if (count === 0) throw invalidArgument(`'${op}' requires a non-empty ArrayValue.`);
    const limit = op === 'NOT_IN' ? MAX_NOT_IN : MAX_DISJUNCTIONS;
    if (count > limit) throw invalidArgument(`'${op}' supports up to ${limit} comparison values.`);
  }
  if (!isDocumentId(path)) return;
  if (op.startsWith('ARRAY_CONTAINS')) {
    throw invalidArgument(`'${op}' cannot be used with __name__.`);
  }
  const references = LISTS.has(op) ? elements(value) : [value];
  if (!references.every(({ valueType }) => valueType === 'referenceValue')) {
    throw invalidArgument('__key__ filter value must be a Key');
  }
}

function checkNegations(tree: FilterTree, conditions: Condition[]): void {
  if (conditions.filter(({ op }) => NEGATIONS.has(op)).length > 1) {
    throw invalidArgument(
      "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN' or 'IS_NOT_NULL' filter is allowed per query.",
    );
  }
  if (!conditions.some(({ op }) => op === 'NOT_IN')) return;
  if (hasOr(tree) || conditions.some(({ op }) => op === 'IN' || op === 'ARRAY_CONTAINS_ANY')) {
    throw invalidArgument("'NOT_IN' cannot be used with 'OR', 'IN' or 'ARRAY_CONTAINS_ANY'.");
  }
}

function hasOr(tree: FilterTree): boolean {
  if (tree.kind === 'condition') return false;
  return (tree.kind === 'or' && tree.children.length > 1) || tree.children.some(hasOr);
}

/** Number of branches after every OR, `in` and `array-contains-any` is multiplied out. */
function disjunctions(tree: FilterTree): number {
  if (tree.kind === 'condition') {
    const { op, value } = tree.condition;
    return op === 'IN' || op === 'ARRAY_CONTAINS_ANY' ? elements(value).length : 1;
  }
  const counts = tree.children.map(disjunctions);
  return tree.kind === 'and'
    ? counts.reduce((product, count) => product * count, 1)
    : counts.reduce((sum, count) => sum + count, 0);
}

/** The highest number of filters with this operator in one branch. */
function arrayFilters(tree: FilterTree, op: string): number {
  if (tree.kind === 'condition') return Number(tree.condition.op === op);
  const counts = tree.children.map((child) => arrayFilters(child, op));
  return tree.kind === 'and' ? counts.reduce((sum, count) => sum + count, 0) : Math.max(...counts);
}
