/** The accounts of the stand-in's project, on a port of this machine. */
import { createIdentity } from '../../../local/identity/identity.ts';
import { startIdentity } from '../../../local/identity/server.ts';
import { PROJECT } from '../google/names.ts';

export interface People {
  /** Where the accounts are, in the variable of Firebase's tools. */
  env: Record<string, string>;
  /** What an administrator sends. */
  token: string;
  /** The settings of units that believe their tokens. */
  settings: Record<string, string>;
  close(): Promise<void>;
}

export async function startPeople(): Promise<People> {
  const identity = await createIdentity();
  const signIn = { signUp: false, pageUrl: 'http://localhost:8080/', onMail: () => undefined };
  const server = await startIdentity({ identity, userAudience: PROJECT, signIn });
  return {
    env: { FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${server.port}` },
    token: await identity.sign({ sub: 'admin', audience: identity.issuer }),
    settings: {
      AUTH_ISSUER: identity.issuer,
      AUTH_AUDIENCE: PROJECT,
      AUTH_JWKS_URL: server.jwksUri,
    },
    close: server.close,
  };
}
