/** Faults of the way from Cloud Tasks to the worker: deliveries that are lost, late, or doubled. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelFaults } from './plan.ts';

/** What delivers: the part of the dispatcher's pusher that faults get in the way of. */
interface Deliverer<Request, Result> {
  push(request: Request): Promise<Result>;
  close(): void;
}

/** @param noResponse What a delivery comes to whose answer never arrives. */
export function withPushFaults<Request extends { url: string }, Result>(
  pusher: Deliverer<Request, Result>,
  faults: ChannelFaults,
  noResponse: Result,
): Deliverer<Request, Result> {
  const closing = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal });
  return {
    async push(request) {
      const fault = faults.next(request.url);
      if (fault?.kind === 'refuse') return noResponse;
      if (fault?.kind === 'delay') await pause(fault.ms).catch(() => undefined);
      if (fault?.kind === 'duplicate') {
        // The other answer is nobody's: the service takes one for each attempt that it knows of.
        pause(fault.ms).then(
          () => pusher.push(request),
          () => undefined,
        );
      }
      const result = await pusher.push(request);
      return fault?.kind === 'lose' ? noResponse : result;
    },
    close: () => {
      closing.abort();
      pusher.close();
    },
  };
}
