/** The routes below `/local/` that need the database: `/local/keys`, which makes a service key, and those of features. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Firestore } from '@google-cloud/firestore';
import { readJson } from '@media-analysis/functions/http/body';
import { sendJson } from '@media-analysis/functions/http/respond';
import { createRouter, type Route } from '@media-analysis/functions/http/router';
import { SCOPES } from '@media-analysis/functions/http/service-key';
import { lazy } from '@media-analysis/functions/process/lazy';
import { createLogger } from '@media-analysis/functions/process/log';
import { z } from 'zod';
import { LOCAL_ROUTES } from './features.ts';
import type { Published } from './topic.ts';

const keySchema = z.strictObject({
  name: z.string().min(1).max(100).default('this machine'),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .default([...SCOPES]),
});

export interface LocalRouter {
  owns(pathname: string): boolean;
  send(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param url of the page: `http://localhost:PORT`
 * @param published the messages of topics
 */
export function createLocalRouter(
  url: string,
  environment: Record<string, string>,
  published: readonly Published[],
): LocalRouter {
  let opened: Firestore | undefined;
  // The client takes long to load, and most runs do not need it. The stores load it, too.
  const firestore = lazy(async () => {
    const { Firestore: Client } = await import('@google-cloud/firestore');
    const { GOOGLE_CLOUD_PROJECT: projectId = '', FIRESTORE_EMULATOR_HOST: host = '' } =
      environment;
    process.env.METADATA_SERVER_DETECTION ??= 'none';
    opened = new Client({ projectId, host, ssl: false });
    return opened;
  });
  const keys = lazy(async () => {
    const { ServiceKeys } = await import('@media-analysis/functions/http/service-keys');
    return new ServiceKeys(firestore);
  });
  const routes: Route[] = [
    {
      method: 'POST',
      path: '/local/keys',
      handle: async ({ request, response }) => {
        const { name, scopes } = await readJson(request, keySchema);
        const { key, record } = await (await keys()).add(name, scopes);
        const { id, callback_secret } = record;
        sendJson(response, 201, { id, key, scopes, callback_secret });
      },
    },
    ...LOCAL_ROUTES.flatMap((routesOf) => routesOf({ url, firestore, published })),
  ];
  const paths = new Set(routes.map(({ path }) => path));
  return {
    owns: (pathname) => paths.has(pathname),
    send: createRouter({
      routes,
      logger: createLogger('local', 'silent'),
      project: '',
      allowedOrigins: [],
    }),
    close: async () => opened?.terminate(),
  };
}
