/** Resume tokens: the server, and the commit up to which a listener has seen everything. */
import { randomBytes } from 'node:crypto';
import type { Micros } from '../clock.ts';

const INSTANCE_BYTES = 8;
/** Each start has its own id: after a restart the history is gone, and the clock may have been set back. */
const instance = randomBytes(INSTANCE_BYTES);

export function encodeResumeToken(time: Micros): Buffer {
  const token = Buffer.concat([instance, Buffer.alloc(8)]);
  token.writeDoubleBE(time, INSTANCE_BYTES);
  return token;
}

/** Undefined if this server did not issue the token. */
export function decodeResumeToken(token: Uint8Array): Micros | undefined {
  const bytes = Buffer.from(token);
  const ours = bytes.length === INSTANCE_BYTES + 8 && bytes.indexOf(instance) === 0;
  return ours ? bytes.readDoubleBE(INSTANCE_BYTES) : undefined;
}
