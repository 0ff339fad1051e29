import { usageRoutes } from '@media-analysis/shared/usage';
import type { ApiFeature, Handle } from '../../core/parts.ts';
import { parse } from '../../http/body.ts';
import type { Handlers } from '../../http/contract-route.ts';
import { sendJson } from '../../http/respond.ts';
import { spendMoments } from './moments.ts';
import { monthOf, UsageStore } from './usage.ts';

/** Says what a month has cost. */
export const spend: ApiFeature<unknown> = ({ firestore, now }) => {
  const usage = new UsageStore(firestore);
  return {
    moments: spendMoments({ firestore, now }),
    handlers: {
      getUsage: async ({ response, query }, ownerId) => {
        const { month = monthOf(now()) } = parse(usageRoutes.getUsage.query, query);
        sendJson(response, 200, await usage.ofMonth(ownerId, month));
      },
    } satisfies Handlers<typeof usageRoutes, Handle>,
  };
};
