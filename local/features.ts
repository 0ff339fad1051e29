/** Resources of single features on this machine. In the cloud, Terraform and others create them. */
import { provisionImports } from './imports.ts';
import { inboxRoutes } from './inbox.ts';
import type { LocalRoutes, Provision } from './parts.ts';

export const PROVISIONS: readonly Provision[] = [provisionImports];

export const LOCAL_ROUTES: readonly LocalRoutes[] = [inboxRoutes];
