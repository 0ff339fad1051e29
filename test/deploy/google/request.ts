/** A call of one of Google's APIs. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Json, Resources } from './resources.ts';

export interface Call {
  method: string;
  /** What follows the version, decoded: `projects/p/topics/t`, or `projects/p/topics/t:setIamPolicy`. */
  path: string;
  query: URLSearchParams;
  body: Json;
  /** The bytes of an upload. */
  raw: Buffer;
  headers: IncomingHttpHeaders;
  resources: Resources;
}

export type Service = (call: Call) => unknown;

/** An answer that is no JSON: the bytes of an object, or headers alone. */
export class Plain {
  readonly bytes: Buffer;
  readonly headers: Record<string, string>;

  constructor(bytes: Buffer, headers: Record<string, string> = {}) {
    this.bytes = bytes;
    this.headers = headers;
  }
}

/** A long-running operation that is done already. */
export function done(resources: Resources, response: Json): Json {
  return { name: `operations/op${resources.next()}`, done: true, metadata: {}, response };
}
