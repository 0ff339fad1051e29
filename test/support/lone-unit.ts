/** One deployed unit by itself, without a cloud behind it: for what must be decided before one is needed. */
import { createIdentity, type Identity } from '../../local/identity/identity.ts';
import { startIdentity } from '../../local/identity/server.ts';
import { Unit, type UnitName } from '../../local/units.ts';

export const PROJECT = 'lone-project';
export const WORKER_URL = 'https://worker.example.run.app';
export const TASKS_ACCOUNT = `tasks@${PROJECT}.iam.gserviceaccount.com`;

export interface LoneUnit {
  url: string;
  /** Whose tokens the unit trusts. */
  identity: Identity;
  close(): Promise<void>;
}

export async function startLoneUnit(
  name: UnitName,
  environment: Record<string, string> = {},
): Promise<LoneUnit> {
  const identity = await createIdentity();
  const issuer = await startIdentity({ identity, userAudience: PROJECT });
  const unit = new Unit(name, {
    LOG_LEVEL: 'silent',
    GOOGLE_CLOUD_PROJECT: PROJECT,
    STAGING_BUCKET: 'staging',
    MEDIA_BUCKET: 'media',
    TASKS_LOCATION: 'nowhere',
    WORKER_URL,
    TASKS_SERVICE_ACCOUNT: TASKS_ACCOUNT,
    TASKS_ISSUER: identity.issuer,
    TASKS_JWKS_URL: issuer.jwksUri,
    AUTH_ISSUER: identity.issuer,
    AUTH_JWKS_URL: issuer.jwksUri,
    ...environment,
  });
  const port = await unit.listening();
  return {
    url: `http://127.0.0.1:${port}`,
    identity,
    close: async () => {
      await unit.stop();
      await issuer.close();
    },
  };
}
