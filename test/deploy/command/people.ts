/** The accounts of the stand-in's project, on a port of this machine. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIdentity } from '../../../local-cloud/identity/identity.ts';
import { startIdentity } from '../../../local-cloud/identity/server.ts';
import { PROJECT } from '../google/names.ts';

export interface People {
  /** Where the accounts are, in the variable of Firebase's tools. */
  env: Record<string, string>;
  /** What an administrator sends. */
  token: string;
  /** Another one. */
  newToken(): Promise<string>;
  /** The settings of units that believe their tokens. */
  settings: Record<string, string>;
  close(): Promise<void>;
}

/** @param anyPage A person may come from any page, and not only from one of this machine. */
export async function startPeople({ anyPage = false } = {}): Promise<People> {
  const identity = await createIdentity();
  const signIn = { signUp: false, pageUrl: 'http://localhost:8080/', onMail: () => undefined };
  const server = await startIdentity({ identity, userAudience: PROJECT, signIn });
  let tokens = 0;
  const newToken = () =>
    identity.sign({
      sub: 'admin',
      audience: identity.issuer,
      claims: { jti: String(tokens++) },
      // On a slow machine all scenarios together take longer than an hour.
      expiresInS: 24 * 3_600,
    });
  const door = anyPage ? await openDoor(server.port) : undefined;
  return {
    env: { FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${door?.port ?? server.port}` },
    token: await newToken(),
    newToken,
    settings: {
      AUTH_ISSUER: identity.issuer,
      AUTH_AUDIENCE: PROJECT,
      AUTH_JWKS_URL: server.jwksUri,
    },
    close: async () => {
      door?.close();
      await server.close();
    },
  };
}

/** Leads to the port, and says for each request that it comes from a page of this machine. */
async function openDoor(port: number): Promise<{ port: number; close(): void }> {
  const door = http.createServer((incoming, answer) => {
    const headers = { ...incoming.headers, referer: 'http://localhost:8080/' };
    const options = {
      port,
      host: '127.0.0.1',
      method: incoming.method,
      path: incoming.url,
      headers,
    };
    const outgoing = http.request(options, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const close = () => {
    door.close();
    door.closeAllConnections();
  };
  return { port: (door.address() as AddressInfo).port, close };
}
