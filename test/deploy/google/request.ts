/** A call of one of Google's APIs. */
import type { Json, Resources } from './resources.ts';

export interface Call {
  method: string;
  /** What follows the version, decoded: `projects/p/topics/t`, or `projects/p/topics/t:setIamPolicy`. */
  path: string;
  query: URLSearchParams;
  body: Json;
  /** The bytes of an upload. */
  raw: Buffer;
  resources: Resources;
}

export type Service = (call: Call) => unknown;

/** A long-running operation that is done already. */
export function done(resources: Resources, response: Json): Json {
  return { name: `operations/op${resources.next()}`, done: true, metadata: {}, response };
}
