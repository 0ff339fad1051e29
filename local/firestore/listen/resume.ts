/** From where a client wants a target to go on. */
import { fromWireTimestamp, type Micros } from '../clock.ts';
import type { ListenTarget } from '../wire.ts';
import { decodeResumeToken } from './token.ts';

/**
 * Undefined if the client knows nothing yet; without a time if what it knows is not known here, for
 * example since before a restart.
 */
export function resumePoint({
  resumeToken,
  readTime,
}: ListenTarget): { time: Micros | undefined } | undefined {
  if (resumeToken?.length) return { time: decodeResumeToken(resumeToken) };
  return readTime ? { time: fromWireTimestamp(readTime) } : undefined;
}
