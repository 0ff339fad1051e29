/** Injects faults between Cloud Tasks and the worker: lost, late and repeated deliveries. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelFaults } from './plan.ts';

/** The part of the dispatcher's pusher that the faults replace. */
interface Deliverer<Request, Result> {
  push(request: Request): Promise<Result>;
  close(): void;
}

/** @param noResponse the result of a delivery whose answer is lost */
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
        // The second answer is dropped, because the service counts one answer for each attempt.
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
