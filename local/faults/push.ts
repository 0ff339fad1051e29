/** Faults of the way from Cloud Tasks to the worker: deliveries that are lost, late, or doubled. */

import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { PushResult } from '../tasks/outcome.ts';
import type { Pusher } from '../tasks/push.ts';
import type { ChannelFaults } from './plan.ts';

const NO_RESPONSE: PushResult = {
  kind: 'no_response',
  status: { code: status.UNAVAILABLE, message: 'UNAVAILABLE(14): an injected fault' },
};

export function withPushFaults(pusher: Pusher, faults: ChannelFaults): Pusher {
  const closing = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal });
  return {
    async push(request) {
      const fault = faults.next(request.url);
      if (fault?.kind === 'refuse') return NO_RESPONSE;
      if (fault?.kind === 'delay') await pause(fault.ms).catch(() => undefined);
      if (fault?.kind === 'duplicate') {
        // The other answer is nobody's: the service takes one for each attempt that it knows of.
        pause(fault.ms).then(
          () => pusher.push(request),
          () => undefined,
        );
      }
      const result = await pusher.push(request);
      return fault?.kind === 'lose' ? NO_RESPONSE : result;
    },
    close: () => {
      closing.abort();
      pusher.close();
    },
  };
}
