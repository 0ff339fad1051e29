/** The routes of the HTTP API, those of the core and those of the features: who calls, and who answers. */
import { API_ROUTES } from '@media-analysis/shared/contract';
import { webhookRoutes } from '@media-analysis/shared/webhooks';
import type { ApiPart } from '../core/parts.ts';
import type { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import { contractRoutes, namesOf, notOffered } from '../http/contract-route.ts';
import type { Authenticate } from '../http/identity.ts';
import type { Route } from '../http/router.ts';
import type { AuthenticateService } from '../http/service-caller.ts';
import { withLogFields } from '../process/log.ts';

interface ApiServices extends Required<Pick<ApiPart, 'handlers' | 'serviceHandlers'>> {
  /** How many calls with one service key may be open. */
  keyCalls: ConcurrencyLimit;
}

export interface ApiDeps {
  authenticate: Authenticate;
  /** For what only a backend may do. */
  authenticateService: AuthenticateService;
  /** Creates the services at the first call. A request without a valid token needs none of them. */
  services: () => Promise<ApiServices>;
}

/** Each route of the contract is there. One whose feature was taken away answers 404. */
export function createApiRoutes({ authenticate, authenticateService, services }: ApiDeps): Route[] {
  const own = contractRoutes(
    API_ROUTES,
    namesOf(API_ROUTES),
    async (call, name, withQuery, scope) => {
      const { ownerId, keyId } = await authenticate(call.request, scope);
      const checked = withQuery();
      const { handlers, keyCalls } = await services();
      const handle = handlers[name];
      if (!handle) throw notOffered(call);
      const release = keyId === undefined ? undefined : keyCalls.acquire(keyId);
      try {
        await withLogFields(keyId === undefined ? {} : { key_id: keyId }, () =>
          handle({ ...checked, keyId }, ownerId),
        );
      } finally {
        release?.();
      }
    },
  );
  const ofServices = contractRoutes(
    webhookRoutes,
    namesOf(webhookRoutes),
    async (call, name, withQuery, scope) => {
      const caller = await authenticateService(call.request, scope);
      const checked = withQuery();
      const { serviceHandlers } = await services();
      const handle = serviceHandlers[name];
      if (!handle) throw notOffered(call);
      await withLogFields({ key_id: caller.key.id }, () => handle(checked, caller));
    },
  );
  return [...own, ...ofServices];
}
