/** What single features need on this machine: in the cloud, Terraform and others make it. */
import { provisionImports } from './imports.ts';
import { inboxRoutes } from './inbox.ts';
import type { LocalRoutes, Provision } from './parts.ts';

export const PROVISIONS: readonly Provision[] = [provisionImports];

export const LOCAL_ROUTES: readonly LocalRoutes[] = [inboxRoutes];
