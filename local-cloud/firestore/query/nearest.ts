/**
 * Vector search: compares a given vector with the vector of each document and returns the nearest ones.
 * https://firebase.google.com/docs/firestore/vector-search
 */

import { invalidArgument } from '../../base/rpc-error.ts';
import type { StoredDocument } from '../documents.ts';
import { type FieldPath, parseWritableFieldPath, setField } from '../fields.ts';
import { isVector, toNumber, vectorElements } from '../values.ts';
import type { FindNearest, Value } from '../wire.ts';
import { parsePath, valueAt } from './filter.ts';

const MAX_DIMENSIONS = 2_048;
const MAX_NEIGHBOURS = 1_000;

/** A lower value is nearer, except for the dot product. */
const DISTANCES: Record<string, (a: Vector, b: Vector) => number> = {
  EUCLIDEAN: (a, b) => Math.hypot(...a.map((x, i) => x - (b[i] ?? 0))),
  COSINE: (a, b) => 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
  DOT_PRODUCT: dot,
};

type Vector = Float64Array;

/** The numbers of stored vectors: reading them anew for each search takes many times as long as comparing them. */
const read = new WeakMap<Value, Vector>();

export interface Nearest {
  path: FieldPath;
  dimension: number;
  /** The nearest documents, nearest first, with their distances if the query asks for them. */
  select(documents: readonly StoredDocument[]): StoredDocument[];
}

/** @throws INVALID_ARGUMENT if the search is malformed */
export function parseNearest(search: FindNearest): Nearest {
  const path = parsePath(search.vectorField);
  const wanted = search.queryVector;
  if (!wanted || !isVector(wanted)) throw invalidArgument('query_vector must be a vector.');
  const vector = numbersOf(wanted);
  if (vector.length < 1 || vector.length > MAX_DIMENSIONS) {
    throw invalidArgument(`query_vector must have 1 to ${MAX_DIMENSIONS} dimensions.`);
  }
  const measure = DISTANCES[search.distanceMeasure ?? ''];
  if (!measure) throw invalidArgument('distance_measure is required.');
  const limit = search.limit?.value ?? 0;
  if (limit < 1 || limit > MAX_NEIGHBOURS) {
    throw invalidArgument(`limit must be from 1 to ${MAX_NEIGHBOURS}.`);
  }
  const sign = search.distanceMeasure === 'DOT_PRODUCT' ? -1 : 1;
  const threshold = search.distanceThreshold
    ? sign * (search.distanceThreshold.value ?? 0)
    : Number.POSITIVE_INFINITY;
  const resultPath = search.distanceResultField
    ? parseWritableFieldPath(search.distanceResultField)
    : undefined;
  return {
    path,
    dimension: vector.length,
    select: (documents) =>
      documents
        .flatMap((document) => {
          const candidate = vectorAt(document, path);
          if (candidate?.length !== vector.length) return [];
          return [{ document, distance: measure(candidate, vector) }];
        })
        .filter(({ distance }) => sign * distance <= threshold)
        // The sort is stable, so documents at the same distance keep the order of the query.
        .sort((a, b) => sign * (a.distance - b.distance))
        .slice(0, limit)
        .map(({ document, distance }) =>
          resultPath ? withDistance(document, resultPath, distance) : document,
        ),
  };
}

function vectorAt(document: StoredDocument, path: FieldPath): Vector | undefined {
  const value = valueAt(document, path);
  if (!value || !isVector(value)) return undefined;
  const known = read.get(value) ?? numbersOf(value);
  read.set(value, known);
  return known;
}

function numbersOf(value: Value): Vector {
  return Float64Array.from(vectorElements(value), toNumber);
}

function withDistance(document: StoredDocument, path: FieldPath, distance: number): StoredDocument {
  const value = { valueType: 'doubleValue', doubleValue: distance } as const;
  return { ...document, fields: setField(document.fields, path, value) };
}

function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
