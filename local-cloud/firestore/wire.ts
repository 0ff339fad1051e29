/**
 * Messages of `google.firestore.v1` as the proto loader decodes them: camelCase names, 64-bit integers as
 * decimal strings, enums by name, lists and maps always present. Each oneof has a property with the name
 * of the member that is set.
 *
 * @see https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1
 */

export interface WireTimestamp {
  seconds?: string | number;
  nanos?: number;
}

export type Value =
  | { valueType: 'nullValue'; nullValue: 'NULL_VALUE' }
  | { valueType: 'booleanValue'; booleanValue: boolean }
  | { valueType: 'integerValue'; integerValue: string }
  | { valueType: 'doubleValue'; doubleValue: number }
  | { valueType: 'timestampValue'; timestampValue: WireTimestamp }
  | { valueType: 'stringValue'; stringValue: string }
  | { valueType: 'bytesValue'; bytesValue: Uint8Array }
  | { valueType: 'referenceValue'; referenceValue: string }
  | { valueType: 'geoPointValue'; geoPointValue: { latitude?: number; longitude?: number } }
  | { valueType: 'arrayValue'; arrayValue: { values: Value[] } }
  | { valueType: 'mapValue'; mapValue: { fields: Fields } };

export type Fields = Record<string, Value>;

export interface WireDocument {
  name?: string;
  fields: Fields;
  createTime?: WireTimestamp;
  updateTime?: WireTimestamp;
}

export interface FieldMask {
  fieldPaths: string[];
}

export interface Precondition {
  conditionType?: 'exists' | 'updateTime';
  exists?: boolean;
  updateTime?: WireTimestamp;
}

export interface FieldTransform {
  fieldPath?: string;
  transformType?:
    | 'setToServerValue'
    | 'increment'
    | 'maximum'
    | 'minimum'
    | 'appendMissingElements'
    | 'removeAllFromArray';
  setToServerValue?: string;
  increment?: Value;
  maximum?: Value;
  minimum?: Value;
  appendMissingElements?: { values: Value[] };
  removeAllFromArray?: { values: Value[] };
}

export interface Write {
  operation?: 'update' | 'delete' | 'verify' | 'transform';
  update?: WireDocument;
  delete?: string;
  /** Name of a document that must fulfil `currentDocument`. */
  verify?: string;
  transform?: { document?: string; fieldTransforms: FieldTransform[] };
  updateMask?: FieldMask;
  updateTransforms: FieldTransform[];
  currentDocument?: Precondition;
}

export interface WriteRequest {
  database?: string;
  streamId?: string;
  streamToken?: Uint8Array;
  writes: Write[];
}

export interface WriteResponse {
  streamId?: string;
  streamToken: Uint8Array;
  writeResults: WriteResult[];
  commitTime?: WireTimestamp;
}

export interface WriteResult {
  updateTime?: WireTimestamp;
  transformResults: Value[];
}

export interface FieldReference {
  fieldPath?: string;
}

export type Filter =
  | { filterType: 'compositeFilter'; compositeFilter: { op?: string; filters: Filter[] } }
  | {
      filterType: 'fieldFilter';
      fieldFilter: { field?: FieldReference; op?: string; value?: Value };
    }
  | { filterType: 'unaryFilter'; unaryFilter: { op?: string; field?: FieldReference } };

export interface Cursor {
  values: Value[];
  before?: boolean;
}

export interface FindNearest {
  vectorField?: FieldReference;
  queryVector?: Value;
  distanceMeasure?: string;
  limit?: { value?: number };
  distanceResultField?: string;
  distanceThreshold?: { value?: number };
}

export interface StructuredQuery {
  select?: { fields: FieldReference[] };
  from: { collectionId?: string; allDescendants?: boolean }[];
  where?: Filter;
  orderBy: { field?: FieldReference; direction?: string }[];
  startAt?: Cursor;
  endAt?: Cursor;
  offset?: number;
  limit?: { value?: number };
  findNearest?: FindNearest;
}

export interface Aggregation {
  operator?: 'count' | 'sum' | 'avg';
  count?: { upTo?: { value?: string } };
  sum?: { field?: FieldReference };
  avg?: { field?: FieldReference };
  alias?: string;
}

export interface TransactionOptions {
  mode?: 'readOnly' | 'readWrite';
  readOnly?: { readTime?: WireTimestamp };
  readWrite?: { retryTransaction?: Uint8Array };
}

/** The state that a read wants. At most one member is set. */
export interface Consistency {
  transaction?: Uint8Array;
  newTransaction?: TransactionOptions;
  readTime?: WireTimestamp;
}

export interface ExplainOptions {
  analyze?: boolean;
}

export interface ListenTarget {
  targetType?: 'query' | 'documents';
  query?: { parent?: string; structuredQuery?: StructuredQuery };
  documents?: { documents: string[] };
  resumeToken?: Uint8Array;
  readTime?: WireTimestamp;
  targetId?: number;
  once?: boolean;
}

export interface ListenRequest {
  database?: string;
  targetChange?: 'addTarget' | 'removeTarget';
  addTarget?: ListenTarget;
  removeTarget?: number;
}

export interface TargetChange {
  targetChangeType: 'NO_CHANGE' | 'ADD' | 'REMOVE' | 'CURRENT' | 'RESET';
  targetIds: number[];
  cause?: { code: number; message: string };
  resumeToken?: Uint8Array;
  readTime?: WireTimestamp;
}

export type ListenResponse =
  | { targetChange: TargetChange }
  | { documentChange: { document: WireDocument; targetIds: number[]; removedTargetIds: number[] } }
  | { documentDelete: { document: string; removedTargetIds: number[]; readTime: WireTimestamp } }
  | { documentRemove: { document: string; removedTargetIds: number[]; readTime: WireTimestamp } };
