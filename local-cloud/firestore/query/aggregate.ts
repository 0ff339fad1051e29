/** Count, sum and average over the results of a query. */

import { invalidArgument } from '../../base/rpc-error.ts';
import type { StoredDocument } from '../documents.ts';
import type { FieldPath } from '../fields.ts';
import { isNumber, NULL_VALUE, toNumber } from '../values.ts';
import type { Aggregation, Fields, Value } from '../wire.ts';
import { parsePath, valueAt } from './filter.ts';

const MAX_AGGREGATIONS = 5;
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

export interface Aggregator {
  alias: string;
  /** The field that a document must have to be counted. Undefined: none. */
  path: FieldPath | undefined;
  compute(documents: readonly StoredDocument[]): Value;
}

/** @throws INVALID_ARGUMENT if the list is empty, too long, or names a result twice */
export function parseAggregations(aggregations: readonly Aggregation[]): Aggregator[] {
  if (aggregations.length === 0 || aggregations.length > MAX_AGGREGATIONS) {
    throw invalidArgument(
      `The maximum number of aggregations allowed in a query is ${MAX_AGGREGATIONS}, and the minimum is 1.`,
    );
  }
  let unnamed = 0;
  const aggregators = aggregations.map((aggregation) =>
    parseAggregation(aggregation, aggregation.alias || `field_${++unnamed}`),
  );
  if (new Set(aggregators.map(({ alias }) => alias)).size < aggregators.length) {
    throw invalidArgument('The aliases of aggregations must be unique.');
  }
  return aggregators;
}

function parseAggregation(aggregation: Aggregation, alias: string): Aggregator {
  switch (aggregation.operator) {
    case 'count': {
      const upTo = Number(aggregation.count?.upTo?.value ?? Number.POSITIVE_INFINITY);
      if (aggregation.count?.upTo && !(upTo > 0)) {
        throw invalidArgument('Count up_to must be greater than zero.');
      }
      const compute = (documents: readonly StoredDocument[]) =>
        integer(BigInt(Math.min(upTo, documents.length)));
      return { alias, path: undefined, compute };
    }
    case 'sum':
      return overNumbers(alias, parsePath(aggregation.sum?.field), sum);
    case 'avg':
      return overNumbers(alias, parsePath(aggregation.avg?.field), average);
    default:
      throw invalidArgument('An aggregation must have an operator.');
  }
}

function overNumbers(
  alias: string,
  path: FieldPath,
  combine: (numbers: Value[]) => Value,
): Aggregator {
  const compute = (documents: readonly StoredDocument[]) =>
    combine(documents.map((document) => valueAt(document, path)).filter(isNumber));
  return { alias, path, compute };
}

/** Results by alias. */
export function aggregate(
  aggregators: readonly Aggregator[],
  documents: readonly StoredDocument[],
): Fields {
  return Object.fromEntries(aggregators.map(({ alias, compute }) => [alias, compute(documents)]));
}

/** An integer if all numbers are integers and the sum fits into 64 bits, otherwise a double. */
function sum(numbers: Value[]): Value {
  let integers = 0n;
  let doubles = 0;
  let exact = true;
  for (const number of numbers) {
    if (number.valueType === 'integerValue') integers += BigInt(number.integerValue);
    else {
      doubles += toNumber(number);
      exact = false;
    }
  }
  if (exact && integers >= INT64.min && integers <= INT64.max) return integer(integers);
  return { valueType: 'doubleValue', doubleValue: Number(integers) + doubles };
}

function average(numbers: Value[]): Value {
  if (numbers.length === 0) return NULL_VALUE;
  return { valueType: 'doubleValue', doubleValue: toNumber(sum(numbers)) / numbers.length };
}

function integer(value: bigint): Value {
  return { valueType: 'integerValue', integerValue: String(value) };
}
