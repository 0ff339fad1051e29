import { sortedEntries, typeOrder } from './values.ts';
import type { Value } from './wire.ts';

/** A string for an index. Two values have the same string exactly if they are equal. */
export function valueKey(value: Value): string {
  const order = typeOrder(value);
  switch (value.valueType) {
    case 'integerValue':
      return `${order}:${value.integerValue}`;
    case 'doubleValue': {
      const number = value.doubleValue;
      return `${order}:${Number.isInteger(number) ? BigInt(number) : number}`;
    }
    case 'stringValue':
      return `${order}:${value.stringValue}`;
    case 'bytesValue':
      return `${order}:${Buffer.from(value.bytesValue).toString('latin1')}`;
    case 'referenceValue':
      return `${order}:${value.referenceValue}`;
    case 'arrayValue':
      return `${order}:${JSON.stringify(value.arrayValue.values.map(valueKey))}`;
    case 'mapValue':
      return `${order}:${JSON.stringify(
        sortedEntries(value.mapValue.fields).map(([key, member]) => [key, valueKey(member)]),
      )}`;
    case 'timestampValue':
      return `${order}:${value.timestampValue.seconds ?? 0}.${value.timestampValue.nanos ?? 0}`;
    case 'geoPointValue':
      // Adding 0 turns -0 into 0.
      return `${order}:${(value.geoPointValue.latitude ?? 0) + 0},${(value.geoPointValue.longitude ?? 0) + 0}`;
    case 'booleanValue':
      return `${order}:${value.booleanValue}`;
    case 'nullValue':
      return `${order}:`;
  }
}
