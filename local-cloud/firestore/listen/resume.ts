/** The point at which a client wants a target to continue. */
import { fromWireTimestamp, type Micros } from '../clock.ts';
import type { ListenTarget } from '../wire.ts';
import { decodeResumeToken } from './token.ts';

/**
 * Undefined if the client starts from nothing. It has no time if this server does not know the client's state, for example after
 * a restart.
 */
export function resumePoint({
  resumeToken,
  readTime,
}: ListenTarget): { time: Micros | undefined } | undefined {
  if (resumeToken?.length) return { time: decodeResumeToken(resumeToken) };
  return readTime ? { time: fromWireTimestamp(readTime) } : undefined;
}
